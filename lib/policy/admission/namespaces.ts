import { ROLE_LABEL, TENANT_LABEL } from "../../kubernetes/labels";
import { PLATFORM_NAMESPACE, tenantNamespace } from "../../kubernetes/names";
import type { AdmissionScope } from "./admission-scope";
import { literal } from "./cel";

const bears = (root: string, label: string) =>
  `dyn(${root}).?metadata.?labels[?${literal(label)}].hasValue()`;

/**
 * Namespaces that are, or were until this update, a tenant's or the platform's by their labels, or
 * that bear a name which is kept for one. All others are nobody's of this library: a cluster has
 * some of its own.
 */
export const NAMESPACES: AdmissionScope = {
  resources: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["namespaces"] }],
  reads: ["metadata.labels"],
  variables: { labels: `dyn(object).metadata.?labels.orValue({})` },
  applies: [
    ...[TENANT_LABEL, ROLE_LABEL].flatMap((label) =>
      ["object", "oldObject"].map((root) => bears(root, label)),
    ),
    `dyn(object).metadata.name.startsWith(${literal(tenantNamespace(""))})`,
    `dyn(object).metadata.name == ${literal(PLATFORM_NAMESPACE)}`,
  ].join(" || "),
};

/** CEL: the value of a label, or an empty text. */
export function label(key: string): string {
  return `variables.labels[?${literal(key)}].orValue("")`;
}
