import { EXPOSED_LABEL, TENANT_LABEL } from "../kubernetes/labels";
import type { KubernetesObject } from "../kubernetes/object";
import { boundaryMeta } from "./boundary";
import type { Boundary } from "./boundary";

/** Where the ingress controller runs. */
export const INGRESS_NAMESPACE = "ingress-nginx";

/**
 * The tenant's network boundary: everything is denied but name resolution, the tenant's own pods,
 * the platform's scrapes and the ingress controller (rules P1-NET-1 to P1-NET-4, P4-4). Nothing
 * else of the cluster, no cloud metadata address and no API server can be reached.
 *
 * Only `default-deny` selects every pod. The others select the tenant's label: a pod without it
 * stays cut off, and Kyverno's restrict-networkpolicy-empty-podselector accepts them.
 */
export function planNetworkPolicies(boundary: Boundary): KubernetesObject[] {
  const ownPods = { matchLabels: { [TENANT_LABEL]: boundary.tenant } };
  const policy = (name: string, spec: Record<string, unknown>): KubernetesObject => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: boundaryMeta(boundary, name),
    spec: { podSelector: ownPods, ...spec },
  });
  return [
    policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy("allow-dns", {
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              ...namespaceSelector("kube-system"),
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
        {
          from: [namespaceSelector(boundary.platformNamespace)],
          ports: [{ protocol: "TCP", port: "metrics" }],
        },
      ],
    }),
    policy("allow-ingress", {
      podSelector: {
        matchLabels: { ...ownPods.matchLabels, [EXPOSED_LABEL]: "true" },
      },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [namespaceSelector(INGRESS_NAMESPACE)],
          ports: [{ protocol: "TCP", port: "http" }],
        },
      ],
    }),
  ];
}

/** A namespace by the label that the API server sets itself, so that nobody can claim it. */
function namespaceSelector(name: string) {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}
