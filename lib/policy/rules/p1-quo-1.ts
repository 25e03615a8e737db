import { isQuantity } from "../../kubernetes/quantity";
import { candidatesIn, isOfGroup, someOf } from "../candidates";
import { listAt, recordAt, valueAt } from "../read";
import { defineRule } from "../rule";
import type { ObjectSubject } from "../subjects";
import { tenantNamespaces } from "../tenant-namespaces";

/** What has to be limited, by the keys that Kubernetes takes for it. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  "requests.cpu": ["requests.cpu", "cpu"],
  "requests.memory": ["requests.memory", "memory"],
  "limits.cpu": ["limits.cpu"],
  "limits.memory": ["limits.memory"],
  "requests.storage": [
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.ephemeral-storage",
    "ephemeral-storage",
  ],
};

/** Every tenant's namespace has a quota on what one tenant could take from all others. */
export const p1Quo1 = defineRule({
  id: "P1-QUO-1",
  policy: "P1",
  severity: "high",
  title: "every tenant's namespace has a quota on CPU, memory and storage",
  why: "without one a single tenant starves all others of the node's CPU, memory and disks",
  remediation: `add a ResourceQuota with spec.hard for ${Object.keys(REQUIRED).join(", ")}`,
  source: "mtb FNS-1; kyverno best-practices/add-ns-quota; starboard NSA 4.0",
  subjects: tenantNamespaces,
  check({ scope, node: { object } }, report, graph) {
    const name = String(valueAt(object, "metadata", "name"));
    const quotas = candidatesIn(graph, scope.cluster, name, "ResourceQuota");
    for (const [resource, keys] of Object.entries(REQUIRED)) {
      if (someOf(quotas, (quota) => limits(quota, keys))) continue;
      report("", `no ResourceQuota limits ${resource} of all pods`);
    }
  },
});

/** Whether a quota counts every pod of its namespace, and limits one of some keys. */
function limits(quota: ObjectSubject, keys: readonly string[]): boolean {
  const { object } = quota.node;
  if (!isOfGroup(quota, "")) return false;
  if (listAt(object, "spec", "scopes").length > 0) return false;
  if (recordAt(object, "spec", "scopeSelector") !== undefined) return false;
  return keys.some((key) => isAmount(valueAt(object, "spec", "hard", key)));
}

function isAmount(value: unknown): boolean {
  if (typeof value === "number") return value >= 0;
  return typeof value === "string" && isQuantity(value) && !value.startsWith("-");
}
