import { RESTRICTED_POD_SECURITY, ROLE_LABEL } from "../kubernetes/labels";
import { PLATFORM_NAMESPACE } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";

/** What the daemons have to reach: API server, Vault and registry, by their usual ports. */
const EGRESS_PORTS = [443, 5000, 6443, 8200];

/** The label of Prometheus's pods, as its operator and its Helm charts set it. */
const PROMETHEUS = { "app.kubernetes.io/name": "prometheus" };
/** The port that daemons and services give this name, whatever its number. */
const METRICS_PORT = { protocol: "TCP", port: "metrics" };

/** The platform's namespace and its network boundary. */
export function planPlatformNamespace(): readonly KubernetesObject[] {
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: PLATFORM_NAMESPACE,
        labels: { ...RESTRICTED_POD_SECURITY, [ROLE_LABEL]: "platform" },
      },
    },
    networkPolicy("default-deny", { policyTypes: ["Ingress", "Egress"] }),
    networkPolicy("allow-dns", {
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
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
    networkPolicy("allow-control-plane", {
      policyTypes: ["Egress"],
      egress: [{ ports: EGRESS_PORTS.map((port) => ({ protocol: "TCP", port })) }],
    }),
    networkPolicy("allow-metrics", {
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: {} }], ports: [METRICS_PORT] }],
    }),
    // The other side of the tenants' `allow-metrics`: only Prometheus calls out of this namespace.
    networkPolicy("allow-scrapes", {
      podSelector: { matchLabels: PROMETHEUS },
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            { podSelector: {} },
            { namespaceSelector: { matchLabels: { [ROLE_LABEL]: "tenant" } } },
          ],
          ports: [METRICS_PORT],
        },
      ],
    }),
  ];
}

function networkPolicy(name: string, spec: Record<string, unknown>): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: PLATFORM_NAMESPACE },
    spec: { podSelector: {}, ...spec },
  };
}
