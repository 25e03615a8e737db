import { defineRule } from "../evaluation/rule";
import { isAmount } from "../quota/namespace-quota";
import { eachElement, valueAt } from "../reading/read";
import { isOfGroup, someOf } from "../subjects/candidates";
import type { ObjectSubject } from "../subjects/subjects";
import { inNamespaceOf, tenantNamespaces } from "../tenants/tenant-namespaces";

/** What a LimitRange has to say, and where; a container's maximum is its default, too. */
const REQUIRED: readonly {
  readonly type: string;
  readonly field: string;
  readonly fields: readonly string[];
  readonly resources: readonly string[];
}[] = [
  {
    type: "Container",
    field: "default",
    fields: ["default", "max"],
    resources: ["cpu", "memory"],
  },
  {
    type: "Container",
    field: "defaultRequest",
    fields: ["defaultRequest", "default", "max", "min"],
    resources: ["cpu", "memory"],
  },
  { type: "Container", field: "max", fields: ["max"], resources: ["cpu", "memory"] },
  { type: "PersistentVolumeClaim", field: "max", fields: ["max"], resources: ["storage"] },
];

/**
 * Every tenant's namespace says what one container and one claim gets, and at most. What Kubernetes
 * fills in counts as said, so that a manifest and the object in the cluster come to the same.
 */
export const p1Quo3 = defineRule({
  id: "P1-QUO-3",
  policy: "P1",
  severity: "medium",
  title: "every tenant's namespace has default and largest amounts for a container and a claim",
  why: "without defaults a quota refuses every container that says nothing, and without a maximum one container takes the whole quota",
  remediation:
    "add a LimitRange with default, defaultRequest and max of cpu and memory for type Container, and max of storage for type PersistentVolumeClaim",
  source:
    "kyverno best-practices/add-ns-quota; starboard NSA 4.1; k8s.io/kubernetes/pkg/apis/core/v1, SetDefaults_LimitRangeItem",
  inHome: tenantNamespaces,
  check(namespace, report) {
    const ranges = inNamespaceOf(namespace, "LimitRange");
    for (const { type, field, fields, resources } of REQUIRED) {
      for (const resource of resources) {
        if (someOf(ranges, (range) => says(range, type, fields, resource))) continue;
        report("", `no LimitRange has ${field} of ${resource} for a ${type}`);
      }
    }
  },
});

/** Whether a LimitRange has an amount of a resource in one of some fields. */
function says(
  range: ObjectSubject,
  type: string,
  fields: readonly string[],
  resource: string,
): boolean {
  if (!isOfGroup(range, "")) return false;
  let found = false;
  eachElement(range.node.object, ["spec", "limits"], (item) => {
    if (valueAt(item, "type") !== type) return;
    found ||= fields.some((field) => isAmount(valueAt(item, field, resource)));
  });
  return found;
}
