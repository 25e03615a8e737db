import { describe, expect, test } from "vitest";

import { p1Data2 } from "../../../lib/policy/rules/p1-data-2";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { set } from "../change";
import { compliantTenant, graphOf } from "../compliant-objects";
import {
  describeContainerCases,
  describeObjectCases,
  describePodCases,
  findingsOf,
  workload,
} from "../rule-cases";

const absent = (kind: string, name = '"nobody"') => `there is no ${kind} ${name} in the namespace`;
const named = (
  apiVersion: string,
  kind: string,
  more: Record<string, unknown> = {},
  name = "nobody",
): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "tenant-acme" },
  ...more,
});

const CONFIG = "ConfigMap tenant-acme/api";
const DEPLOYMENT = "Deployment tenant-acme/api";
const inBothContainers = ["containers", "initContainers"].map((role) => ({
  object: DEPLOYMENT,
  field: `spec.template.spec.${role}[0].envFrom[0].configMapRef.name`,
  message: absent("ConfigMap", '"api"'),
}));
const wrong = (id: string, field: string, kind: string) => [
  { object: id, field, message: absent(kind) },
];

describeObjectCases(p1Data2, [
  {
    title: "fails a ConfigMap that was deleted",
    changes: [{ remove: CONFIG }],
    findings: inBothContainers,
  },
  {
    title: "fails a ConfigMap of another namespace",
    changes: [set(CONFIG, ["metadata", "namespace"], "tenant-globex")],
    findings: inBothContainers,
  },
  {
    title: "fails pull secrets of a service account",
    changes: [
      set("ServiceAccount tenant-acme/api", ["imagePullSecrets", 0], { name: "nobody" }),
      set("ServiceAccount tenant-acme/api", ["secrets", 0], { name: "nobody" }),
    ],
    findings: [
      ...wrong("ServiceAccount tenant-acme/api", "imagePullSecrets[0].name", "Secret"),
      ...wrong("ServiceAccount tenant-acme/api", "secrets[0].name", "Secret"),
    ],
    unknownPasses: true,
  },
  {
    title: "fails the target of an autoscaler",
    changes: [
      {
        add: named("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment" } },
        }),
      },
      set(
        "HorizontalPodAutoscaler tenant-acme/nobody",
        ["spec", "scaleTargetRef", "name"],
        "nobody",
      ),
    ],
    findings: wrong(
      "HorizontalPodAutoscaler tenant-acme/nobody",
      "spec.scaleTargetRef.name",
      "Deployment",
    ),
  },
  {
    title: "passes the target of an autoscaler",
    changes: [
      {
        add: named("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: {
            maxReplicas: 2,
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "api" },
          },
        }),
      },
    ],
    findings: [],
  },
]);

describe("P1-DATA-2 on an Ingress and a StatefulSet", () => {
  const found = (...objects: readonly KubernetesObject[]) =>
    findingsOf(graphOf([...compliantTenant(), ...objects], "acme"))
      .filter(({ rule }) => rule === p1Data2.id)
      .map(({ object, field, message }) => [object, field, message]);
  const ingress = (annotations: Record<string, string> = {}) => ({
    ...named("networking.k8s.io/v1", "Ingress", {
      spec: {
        defaultBackend: { service: { name: "nobody", port: { number: 80 } } },
        tls: [{ hosts: ["a.example"], secretName: "a-tls" }],
        rules: [
          {
            host: "a.example",
            http: {
              paths: [
                { path: "/", backend: { service: { name: "api" } } },
                { path: "/x", backend: { service: { name: "gone" } } },
              ],
            },
          },
        ],
      },
    }),
    metadata: { name: "site", namespace: "tenant-acme", annotations },
  });
  const SITE = "Ingress tenant-acme/site";
  const services = [
    [SITE, "spec.defaultBackend.service.name", absent("Service")],
    [SITE, "spec.rules[0].http.paths[1].backend.service.name", absent("Service", '"gone"')],
  ];

  test("fails Services and a TLS Secret that are not there", () => {
    expect(found(ingress())).toEqual([
      services[0],
      services[1],
      [SITE, "spec.tls[0].secretName", absent("Secret", '"a-tls"')],
    ]);
  });

  test.each(["cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme"])(
    "passes a TLS Secret that cert-manager makes by %s",
    (annotation) => {
      expect(found(ingress({ [annotation]: "atom" }))).toEqual(services);
    },
  );

  test("fails the Service of a StatefulSet", () => {
    const object = workload("StatefulSet", [], []);
    Object.assign(object["spec"] as object, { serviceName: "nobody" });
    expect(found(object)).toEqual([
      ["StatefulSet tenant-acme/x", "spec.serviceName", absent("Service")],
    ]);
  });

  test("is not misled by a kind of the same name in another group", () => {
    const knative = named("serving.knative.dev/v1", "Service", {}, "gone");
    expect(found(ingress({ "cert-manager.io/issuer": "a" }), knative)).toEqual(services);
  });
});

describeContainerCases(p1Data2, [
  {
    title: "passes what Kubernetes makes in every namespace",
    set: [[["envFrom", 1], { configMapRef: { name: "kube-root-ca.crt" } }]],
    findings: [],
  },
  {
    title: "passes what is optional",
    set: [[["envFrom", 1], { configMapRef: { name: "nobody", optional: true } }]],
    findings: [],
  },
]);

describePodCases(
  p1Data2,
  [
    ...(
      [
        ["secret", { secretName: "nobody" }, ".secretName", "Secret"],
        ["configMap", { name: "nobody" }, ".name", "ConfigMap"],
        ["persistentVolumeClaim", { claimName: "nobody" }, ".claimName", "PersistentVolumeClaim"],
        [
          "csi",
          { driver: "x", nodePublishSecretRef: { name: "nobody" } },
          ".nodePublishSecretRef.name",
          "Secret",
        ],
        [
          "csi",
          {
            driver: "secrets-store.csi.k8s.io",
            volumeAttributes: { secretProviderClass: "nobody" },
          },
          ".volumeAttributes.secretProviderClass",
          "SecretProviderClass",
        ],
        [
          "projected",
          { sources: [{ configMap: { name: "api" } }, { secret: { name: "nobody" } }] },
          ".sources[1].secret.name",
          "Secret",
        ],
      ] as const
    ).map(([volume, source, field, kind]) => ({
      title: `fails a volume of a ${kind} (${volume}) that is not there`,
      set: [[["spec", "volumes", 1], { name: "v", [volume]: source }] as const],
      findings: [{ field: `.spec.volumes[1].${volume}${field}`, message: absent(kind) }],
    })),
    {
      title: "fails a pull secret that is not there, beside a volume that cannot be read",
      set: [
        [["spec", "volumes"], [{ name: "tmp", secret: [] }]],
        [["spec", "imagePullSecrets", 0], { name: "nobody" }],
      ],
      findings: [
        { field: ".spec.imagePullSecrets[0].name", message: absent("Secret") },
        {
          field: ".spec.volumes[0].secret",
          message: "cannot be decided: it is no object",
          cause: "undecided",
        },
      ],
    },
    {
      title: "fails a variable that is not there",
      set: [
        [
          ["spec", "containers", 0, "env", 1],
          { name: "A", valueFrom: { configMapKeyRef: { name: "nobody", key: "a" } } },
        ],
        [["spec", "initContainers", 0, "envFrom", 1], { configMapRef: { name: "nobody" } }],
      ],
      findings: [
        {
          field: ".spec.containers[0].env[1].valueFrom.configMapKeyRef.name",
          message: absent("ConfigMap"),
        },
        {
          field: ".spec.initContainers[0].envFrom[1].configMapRef.name",
          message: absent("ConfigMap"),
        },
      ],
    },
  ],
  ["acme"],
);

describe("P1-DATA-2 on what others make at run time", () => {
  const mount = (volume: Record<string, unknown>, ...makers: readonly KubernetesObject[]) => {
    const pod = workload("Pod", [], [[["spec", "volumes", 1], { name: "v", ...volume }]]);
    return findingsOf(graphOf([...compliantTenant(), pod, ...makers], "acme"))
      .filter(({ rule }) => rule === p1Data2.id)
      .map(({ message }) => message);
  };
  const secret = { secret: { secretName: "made" } };
  const spec = (value: unknown) => ({ spec: value });

  test.each([
    named("cert-manager.io/v1", "Certificate", spec({ secretName: "made" })),
    named(
      "secrets-store.csi.x-k8s.io/v1",
      "SecretProviderClass",
      spec({ secretObjects: [{ secretName: "made" }] }),
    ),
    named("external-secrets.io/v1", "ExternalSecret", spec({ target: { name: "made" } })),
    named("external-secrets.io/v1", "ExternalSecret", spec({}), "made"),
    named("bitnami.com/v1alpha1", "SealedSecret", {}, "made"),
    named(
      "secrets.hashicorp.com/v1beta1",
      "VaultStaticSecret",
      spec({ destination: { create: true, name: "made" } }),
    ),
    {
      ...named("networking.k8s.io/v1", "Ingress", spec({ tls: [{ secretName: "made" }] })),
      metadata: {
        name: "i",
        namespace: "tenant-acme",
        annotations: { "cert-manager.io/issuer": "ca" },
      },
    },
    {
      ...named("v1", "Service"),
      metadata: {
        name: "s",
        namespace: "tenant-acme",
        annotations: { "service.beta.openshift.io/serving-cert-secret-name": "made" },
      },
    },
  ])("passes the Secret of a $kind", (maker) => {
    expect(mount(secret, maker)).toEqual([]);
    const elsewhere = { ...maker, metadata: { ...maker.metadata, namespace: "tenant-globex" } };
    expect(mount(secret, elsewhere)).toEqual([absent("Secret", '"made"')]);
    const namesake = { ...maker, apiVersion: "example.com/v1" };
    // An Ingress of any group names the Secret itself, too.
    expect(new Set(mount(secret, namesake))).toEqual(new Set([absent("Secret", '"made"')]));
  });

  test("fails a Secret that the Vault operator only fills", () => {
    const maker = named(
      "secrets.hashicorp.com/v1beta1",
      "VaultStaticSecret",
      spec({ destination: { name: "made" } }),
    );
    expect(mount(secret, maker)).toEqual([absent("Secret", '"made"')]);
  });

  test("passes a claim of a StatefulSet, and no other of its name", () => {
    const set = workload("StatefulSet", [], []);
    Object.assign(set["spec"] as object, {
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: {} }],
    });
    const claim = (claimName: string) => ({ persistentVolumeClaim: { claimName } });
    expect(mount(claim("data-x-0"), set)).toEqual([]);
    expect(mount(claim("data-x"), set)).toEqual([absent("PersistentVolumeClaim", '"data-x"')]);
    expect(mount(claim("data-y-0"), set)).toEqual([absent("PersistentVolumeClaim", '"data-y-0"')]);
  });
});
