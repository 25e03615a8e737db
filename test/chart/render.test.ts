import { describe, expect, test } from "vitest";

import { renderChart } from "../../lib/chart/render";
import { objectId } from "../../lib/kubernetes/object";
import { sha256 } from "../../lib/support/digest";
import { chartInput, imageReference, problemsOf } from "./fixture";

const labels = (name: string) => ({
  "app.kubernetes.io/instance": "acme",
  "app.kubernetes.io/managed-by": "atom-selfhost",
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/part-of": "atom",
  "app.kubernetes.io/version": "7.2.0",
  "atom.cloud/region": "eu-west",
  "atom.cloud/tenant": "acme",
});
const selector = (name: string) => ({
  "app.kubernetes.io/instance": "acme",
  "app.kubernetes.io/name": name,
});
const metadata = (name: string) => ({ name, namespace: "tenant-acme", labels: labels(name) });

const EVERYTHING = {
  services: {
    console: { enabled: false },
    scheduler: { enabled: false },
    worker: { enabled: false },
    api: {
      env: { GREETING: "$(PORT) {{ .Values }}" },
      labels: { team: "web" },
      secrets: ["database", "mail/smtp"],
      egress: [{ cidr: "10.20.0.0/16", ports: [5432] }],
    },
    reports: {
      image: "worker",
      port: 8090,
      autoscaling: { enabled: true, maxReplicas: 3 },
    },
  },
};

describe("the default chart", () => {
  const objects = renderChart(chartInput());

  test("has these objects, in the order in which a cluster needs them", () => {
    expect(objects.map(objectId)).toEqual([
      "ServiceAccount tenant-acme/api",
      "ServiceAccount tenant-acme/console",
      "ServiceAccount tenant-acme/scheduler",
      "ServiceAccount tenant-acme/worker",
      "ConfigMap tenant-acme/api",
      "ConfigMap tenant-acme/console",
      "ConfigMap tenant-acme/scheduler",
      "ConfigMap tenant-acme/worker",
      "Deployment tenant-acme/api",
      "Deployment tenant-acme/console",
      "Deployment tenant-acme/scheduler",
      "Deployment tenant-acme/worker",
      "Service tenant-acme/api",
      "Service tenant-acme/console",
      "Service tenant-acme/scheduler",
      "Service tenant-acme/worker",
      "PodDisruptionBudget tenant-acme/api",
      "Ingress tenant-acme/api",
      "Ingress tenant-acme/console",
    ]);
  });

  test("does not depend on the order in which services are named", () => {
    const { values, ...place } = chartInput();
    const services = Object.fromEntries(Object.entries(values.services).reverse());
    expect(renderChart({ ...place, values: { ...values, services } })).toEqual(objects);
  });

  test("is plain data", () => {
    expect(structuredClone(objects)).toEqual(objects);
    expect(JSON.parse(JSON.stringify(objects))).toEqual(objects);
  });

  test("writes a workload of one pod in full", () => {
    expect(objects.filter(({ metadata: { name } }) => name === "scheduler")).toEqual([
      {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: metadata("scheduler"),
        automountServiceAccountToken: false,
      },
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: metadata("scheduler"),
        data: {
          ATOM_REGION: "eu-west",
          ATOM_TENANT: "acme",
          METRICS_PORT: "9090",
          PORT: "8080",
        },
      },
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: metadata("scheduler"),
        spec: {
          replicas: 1,
          selector: { matchLabels: selector("scheduler") },
          revisionHistoryLimit: 5,
          progressDeadlineSeconds: 60,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template: {
            metadata: {
              labels: labels("scheduler"),
              annotations: {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": "9090",
                "prometheus.io/path": "/metrics",
                "atom.cloud/config-digest": sha256(
                  '{"ATOM_REGION":"eu-west","ATOM_TENANT":"acme","METRICS_PORT":"9090","PORT":"8080"}',
                ),
              },
            },
            spec: {
              serviceAccountName: "scheduler",
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: {
                runAsNonRoot: true,
                runAsUser: 65532,
                runAsGroup: 65532,
                fsGroup: 65532,
                seccompProfile: { type: "RuntimeDefault" },
              },
              containers: [
                {
                  name: "scheduler",
                  image: imageReference("scheduler"),
                  imagePullPolicy: "Always",
                  ports: [
                    { name: "http", containerPort: 8080, protocol: "TCP" },
                    { name: "metrics", containerPort: 9090, protocol: "TCP" },
                  ],
                  envFrom: [{ configMapRef: { name: "scheduler" } }],
                  resources: {
                    requests: { cpu: "50m", memory: "128Mi", "ephemeral-storage": "64Mi" },
                    limits: { cpu: "100m", memory: "256Mi", "ephemeral-storage": "256Mi" },
                  },
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    runAsNonRoot: true,
                    capabilities: { drop: ["ALL"] },
                  },
                  readinessProbe: {
                    httpGet: { path: "/health", port: "http" },
                    timeoutSeconds: 2,
                    initialDelaySeconds: 2,
                    periodSeconds: 5,
                    failureThreshold: 6,
                  },
                  livenessProbe: {
                    httpGet: { path: "/health", port: "http" },
                    timeoutSeconds: 2,
                    initialDelaySeconds: 32,
                    periodSeconds: 10,
                    failureThreshold: 3,
                  },
                  volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                },
              ],
              volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
            },
          },
        },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: metadata("scheduler"),
        spec: {
          type: "ClusterIP",
          selector: selector("scheduler"),
          ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: "http" }],
        },
      },
    ]);
  });

  test("puts the console on the public address, and not its metrics", () => {
    expect(objects.find((o) => objectId(o) === "Ingress tenant-acme/console")).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: {
        ...metadata("console"),
        annotations: { "cert-manager.io/cluster-issuer": "atom" },
      },
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: ["console.acme.eu.atom.example"], secretName: "console-tls" }],
        rules: [
          {
            host: "console.acme.eu.atom.example",
            http: {
              paths: [
                {
                  path: "/",
                  pathType: "Prefix",
                  backend: { service: { name: "console", port: { name: "http" } } },
                },
              ],
            },
          },
        ],
      },
    });
  });
});

describe("a chart with every option", () => {
  const objects = renderChart(chartInput(EVERYTHING));
  const find = (id: string) => objects.find((object) => objectId(object) === id);
  const podOf = (name: string) => {
    const { template } = find(`Deployment tenant-acme/${name}`)?.["spec"] as {
      template: { metadata: unknown; spec: Record<string, unknown> };
    };
    return template;
  };

  test("has these objects", () => {
    expect(objects.map(objectId)).toEqual([
      "ServiceAccount tenant-acme/api",
      "ServiceAccount tenant-acme/reports",
      "NetworkPolicy tenant-acme/egress-api",
      "ConfigMap tenant-acme/api",
      "ConfigMap tenant-acme/reports",
      "SecretProviderClass tenant-acme/api",
      "Deployment tenant-acme/api",
      "Deployment tenant-acme/reports",
      "Service tenant-acme/api",
      "Service tenant-acme/reports",
      "PodDisruptionBudget tenant-acme/api",
      "PodDisruptionBudget tenant-acme/reports",
      "HorizontalPodAutoscaler tenant-acme/reports",
      "Ingress tenant-acme/api",
    ]);
  });

  test("mounts secrets as files, through a SecretProviderClass of the service alone", () => {
    expect(find("SecretProviderClass tenant-acme/api")).toEqual({
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClass",
      metadata: metadata("api"),
      spec: {
        provider: "vault",
        parameters: {
          vaultAddress: "https://vault-a.atom.example:8200",
          roleName: "acme",
          objects: [
            '- objectName: "database"',
            '  secretPath: "atom/data/tenants/acme/database"',
            '- objectName: "mail.smtp"',
            '  secretPath: "atom/data/tenants/acme/mail/smtp"',
            "",
          ].join("\n"),
        },
      },
    });
    const { spec } = podOf("api");
    expect(spec["volumes"]).toEqual([
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      {
        name: "secrets",
        csi: {
          driver: "secrets-store.csi.k8s.io",
          readOnly: true,
          volumeAttributes: { secretProviderClass: "api" },
        },
      },
    ]);
    expect(spec["containers"]).toMatchObject([
      {
        volumeMounts: [
          { name: "tmp", mountPath: "/tmp" },
          { name: "secrets", mountPath: "/etc/atom/secrets", readOnly: true },
        ],
      },
    ]);
  });

  test("keeps a variable's text where nothing expands it", () => {
    expect(find("ConfigMap tenant-acme/api")?.["data"]).toEqual({
      ATOM_REGION: "eu-west",
      ATOM_SECRETS: "/etc/atom/secrets",
      ATOM_TENANT: "acme",
      GREETING: "$(PORT) {{ .Values }}",
      METRICS_PORT: "9090",
      PORT: "8080",
    });
  });

  test("lets a service out to what it declared", () => {
    expect(find("NetworkPolicy tenant-acme/egress-api")).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { ...metadata("api"), name: "egress-api" },
      spec: {
        podSelector: { matchLabels: selector("api") },
        policyTypes: ["Egress"],
        egress: [
          {
            to: [{ ipBlock: { cidr: "10.20.0.0/16" } }],
            ports: [{ protocol: "TCP", port: 5432 }],
          },
        ],
      },
    });
  });

  test("labels exposed pods for the ingress controller, and spreads replicas over nodes", () => {
    expect([podOf("api").metadata, podOf("reports").metadata]).toMatchObject([
      { labels: { ...labels("api"), team: "web", "atom.cloud/exposed": "true" } },
      { labels: labels("reports") },
    ]);
    expect(podOf("api").spec["topologySpreadConstraints"]).toEqual([
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selector("api") },
      },
    ]);
  });

  test("leaves the number of pods to the autoscaler", () => {
    expect(find("Deployment tenant-acme/reports")?.["spec"]).not.toHaveProperty("replicas");
    expect(find("HorizontalPodAutoscaler tenant-acme/reports")).toEqual({
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: metadata("reports"),
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "reports" },
        minReplicas: 1,
        maxReplicas: 3,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
          },
        ],
      },
    });
    expect(find("PodDisruptionBudget tenant-acme/reports")).toEqual({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: metadata("reports"),
      spec: { maxUnavailable: 1, selector: { matchLabels: selector("reports") } },
    });
  });

  test("makes no certificate without an issuer", () => {
    const [ingress] = renderChart(chartInput({ ...EVERYTHING, ingress: { issuer: null } })).slice(
      -1,
    );
    expect(ingress?.metadata).toEqual(metadata("api"));
  });
});

describe("fails before anything is rendered:", () => {
  test.each<[string, Parameters<typeof chartInput>, string]>([
    [
      "an image by tag",
      [{}, "acme", { images: { api: "registry.atom.example/atom/api:7.2.0" } }],
      'images.api: image "registry.atom.example/atom/api:7.2.0" is not given by digest; write <repository>@sha256:<64 hex digits>',
    ],
    [
      "an image whose digest is followed by more",
      [{}, "acme", { images: { api: `${imageReference("api")}\nx` } }],
      `images.api: image ${JSON.stringify(`${imageReference("api")}\nx`).slice(0, 81)}..." is not given by digest; write <repository>@sha256:<64 hex digits>`,
    ],
    [
      "a tenant's name as a path",
      [{}, "../../evil"],
      "tenant: name \"../../evil\" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends",
    ],
    [
      "another tenant's namespace",
      [{}, "t1", { namespace: "tenant-t10" }],
      'namespace: namespace "tenant-t10" is not that of tenant "t1"',
    ],
    [
      "a domain that is none",
      [{}, "acme", { domain: "*.example" }],
      'domain: domain "*.example" is no DNS name such as eu.atom.example',
    ],
    [
      "a release that is no version",
      [{}, "acme", { release: "latest" }],
      'release: release "latest" is no semantic version such as 7.2.0',
    ],
    [
      "a Vault that is no URL",
      [{}, "acme", { vault: { address: "vault\nx: y", mount: "atom", role: "acme" } }],
      'vault.address: address "vault\\nx: y" is no URL of a server',
    ],
    [
      "a secret that the tenant did not opt into",
      [
        { services: { api: { secrets: ["databse"] } } },
        "acme",
        { vault: { address: "https://v", mount: "atom", role: "acme", secrets: ["database"] } },
      ],
      'services.api.secrets[0]: unknown secret "databse"; did you mean "database"?',
    ],
    [
      "secrets without a Vault",
      [{ services: { api: { secrets: ["database"] } } }, "acme", { vault: undefined }],
      "services.api.secrets: secrets are asked for, but the tenant has no Vault",
    ],
    [
      "a host that is too long",
      [
        { services: { console: { enabled: false } } },
        "acme",
        { domain: Array.from({ length: 4 }, () => "d".repeat(61)).join(".") },
      ],
      "services.api.ingress: the host has 256 characters; at most 253 are allowed",
    ],
  ])("%s", (_what, input, problem) => {
    const problems = problemsOf(() => renderChart(chartInput(...input)));
    expect(problems[0]).toBe(problem);
  });

  test("all problems at once", () => {
    const bad = { services: { api: { image: "apu" } } };
    expect(problemsOf(() => renderChart(chartInput(bad, "Acme", { region: "" })))).toEqual([
      "tenant: name \"Acme\" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends",
      "region: name \"\" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends",
      'services.api.image: unknown image "apu"; did you mean "api"?',
    ]);
  });

  test("values that nobody resolved", () => {
    const values = { services: { api: { replicas: 3 } } } as never;
    expect(problemsOf(() => renderChart(chartInput({}, "acme", { values })))).toContain(
      "ingress: missing; an object is required",
    );
  });
});
