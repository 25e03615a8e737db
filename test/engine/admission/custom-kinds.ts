import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { resourceOf } from "../../../lib/policy/admission/resource-of";
import { CROSS_NAMESPACE_FIELDS } from "../../../lib/policy/references/cross-namespace-fields";

/** Kinds that are no part of Kubernetes, by their group. Ingress is. */
const KINDS: readonly (readonly [group: string, kind: string])[] = [
  ...CROSS_NAMESPACE_FIELDS.flatMap(({ group, kinds }) =>
    kinds.map((kind) => [group, kind] as const),
  ),
  ["cilium.io", "CiliumNetworkPolicy"] as const,
  ["crd.projectcalico.org", "NetworkPolicy"] as const,
].filter(([, kind]) => kind !== "Ingress");

export const CUSTOM_VERSION = "v1";

/** Definitions of the kinds that the export names, which take any field in. */
export function customKinds(): KubernetesObject[] {
  return KINDS.map(([group, kind]) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${resourceOf(kind)}.${group}`,
      // Kubernetes' own groups want a link to who approved it.
      annotations: { "api-approved.kubernetes.io": "unapproved, for a test" },
    },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural: resourceOf(kind), singular: kind.toLowerCase() },
      versions: [
        {
          name: CUSTOM_VERSION,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        },
      ],
    },
  }));
}
