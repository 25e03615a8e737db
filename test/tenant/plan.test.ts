import { describe, expect, test } from "vitest";
import { scopeOf } from "../../lib/kubernetes/kinds";
import { objectId } from "../../lib/kubernetes/object";
import { UsageError } from "../../lib/support/problem";
import { planTenant } from "../../lib/tenant/plan";
import type { TenantPlacement } from "../../lib/tenant/plan";
import { MALICIOUS_NAMES } from "./malicious-names";

const acme: TenantPlacement = {
  name: "acme",
  region: "eu-west",
  cluster: "eu-prod",
  quota: { cpu: "8", memory: "16Gi", storage: "100Gi", pods: 40 },
  platformNamespace: "atom-platform",
};

const labels = {
  "app.kubernetes.io/part-of": "atom",
  "app.kubernetes.io/managed-by": "atom-selfhost",
  "atom.cloud/tenant": "acme",
  "atom.cloud/region": "eu-west",
};
const ownPods = { matchLabels: { "atom.cloud/tenant": "acme" } };

function meta(name: string) {
  return { name, namespace: "tenant-acme", labels };
}

function policy(name: string, spec: Record<string, unknown>) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: meta(name),
    spec: { podSelector: ownPods, ...spec },
  };
}

function namespaced(name: string) {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

describe("a tenant's plan", () => {
  const plan = planTenant(acme);

  test("P5-1 has exactly one namespace, first, under the restricted profile", () => {
    expect(plan.namespace).toBe("tenant-acme");
    expect(plan.objects.filter(({ kind }) => kind === "Namespace")).toEqual([plan.objects[0]]);
    expect(plan.objects[0]).toEqual({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "tenant-acme",
        labels: {
          ...labels,
          "atom.cloud/role": "tenant",
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/enforce-version": "v1.29",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/audit-version": "v1.29",
          "pod-security.kubernetes.io/warn": "restricted",
          "pod-security.kubernetes.io/warn-version": "v1.29",
        },
      },
    });
  });

  test("P1-NET denies everything but DNS, its own pods, scrapes and the ingress controller", () => {
    expect(plan.objects.filter(({ kind }) => kind === "NetworkPolicy")).toEqual([
      policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
      policy("allow-dns", {
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                ...namespaced("kube-system"),
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
        ],
      }),
      policy("allow-same-namespace", {
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [{ podSelector: ownPods }] }],
        egress: [{ to: [{ podSelector: ownPods }] }],
      }),
      policy("allow-metrics", {
        policyTypes: ["Ingress"],
        ingress: [
          { from: [namespaced("atom-platform")], ports: [{ protocol: "TCP", port: "metrics" }] },
        ],
      }),
      policy("allow-ingress", {
        podSelector: { matchLabels: { ...ownPods.matchLabels, "atom.cloud/exposed": "true" } },
        policyTypes: ["Ingress"],
        ingress: [
          { from: [namespaced("ingress-nginx")], ports: [{ protocol: "TCP", port: "http" }] },
        ],
      }),
    ]);
  });

  test("P1-QUO limits the namespace, each container and each claim", () => {
    const limits = plan.objects.filter(({ kind }) => /^(ResourceQuota|LimitRange)$/.test(kind));
    expect(limits).toEqual([
      {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: meta("quota"),
        spec: {
          hard: {
            "requests.cpu": "8",
            "limits.cpu": "8",
            "requests.memory": "16Gi",
            "limits.memory": "16Gi",
            "requests.storage": "100Gi",
            pods: "40",
            persistentvolumeclaims: "40",
            services: "40",
            "services.nodeports": "0",
            "services.loadbalancers": "0",
            configmaps: "80",
            secrets: "80",
          },
        },
      },
      {
        apiVersion: "v1",
        kind: "LimitRange",
        metadata: meta("limits"),
        spec: {
          limits: [
            {
              type: "Container",
              default: { cpu: "500m", memory: "512Mi" },
              defaultRequest: { cpu: "100m", memory: "128Mi" },
              max: { cpu: "8", memory: "16Gi" },
            },
            { type: "PersistentVolumeClaim", max: { storage: "100Gi" } },
          ],
        },
      },
    ]);
  });

  test("keeps the defaults of a container below a small quota", () => {
    const small = planTenant({ ...acme, quota: { cpu: "50m", memory: "256Mi" } });
    const limits = small.objects.find(({ kind }) => kind === "LimitRange");
    expect(limits?.["spec"]).toEqual({
      limits: [
        {
          type: "Container",
          default: { cpu: "50m", memory: "256Mi" },
          defaultRequest: { cpu: "50m", memory: "128Mi" },
          max: { cpu: "50m", memory: "256Mi" },
        },
        { type: "PersistentVolumeClaim", max: { storage: "20Gi" } },
      ],
    });
  });

  test("P1-RBAC lets operators read, and reach neither secrets nor their own limits", () => {
    const [account, role, binding] = plan.objects.slice(-3);
    expect(account).toEqual({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: meta("operator"),
      automountServiceAccountToken: false,
    });
    expect(binding).toEqual({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: meta("operator"),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "operator" },
      subjects: [{ kind: "ServiceAccount", name: "operator", namespace: "tenant-acme" }],
    });
    const rules = role?.["rules"] as { resources: string[]; verbs: string[] }[];
    expect([...new Set(rules.flatMap(({ verbs }) => verbs))]).toEqual(["get", "list", "watch"]);
    expect(rules.flatMap(({ resources }) => resources).sort()).toEqual([
      "configmaps",
      "deployments",
      "events",
      "horizontalpodautoscalers",
      "ingresses",
      "persistentvolumeclaims",
      "pods",
      "pods/log",
      "replicasets",
      "services",
    ]);
  });

  test("P5-2 puts every object but the namespace into the namespace", () => {
    const [, ...rest] = plan.objects;
    expect(rest.map((object) => [scopeOf(object), object.metadata.namespace])).toEqual(
      rest.map(() => ["Namespaced", "tenant-acme"]),
    );
    expect(new Set(plan.objects.map(objectId)).size).toBe(plan.objects.length);
  });

  test("is the same for the same placement, byte for byte", () => {
    expect(JSON.stringify(planTenant({ ...acme }))).toBe(JSON.stringify(plan));
  });

  test("V12 shares no object with a tenant whose name begins the same", () => {
    const ids = (name: string) => planTenant({ ...acme, name }).objects.map(objectId);
    expect(ids("t1").filter((id) => ids("t10").includes(id))).toEqual([]);
  });

  test.each(MALICIOUS_NAMES)("fails for the name %j before any object is made", (name) => {
    expect(() => planTenant({ ...acme, name })).toThrow(UsageError);
  });

  test("fails with every problem at once", () => {
    const wrong = { ...acme, name: "a.b", cluster: "../x", quota: { cpu: "lots", memory: "1Gi" } };
    expect(() => planTenant({ ...wrong, platformNamespace: "{{ns}}" })).toThrow(
      new UsageError("tenant", [
        {
          path: "name",
          message: `tenant name "a.b" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends`,
        },
        {
          path: "cluster",
          message: `cluster name "../x" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends`,
        },
        {
          path: "quota.cpu",
          message: '"lots" is no quantity; write a number and a unit, such as 500m, 2 or 1.5Gi',
        },
        { path: "platformNamespace", message: '"{{ns}}" is no name of a namespace' },
      ]),
    );
  });
});
