import { defineRule } from "../evaluation/rule";
import { hasQuota } from "../quota/namespace-quota";
import { tenantNamespaces } from "../tenants/tenant-namespaces";

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
  inHome: tenantNamespaces,
  check(namespace, report) {
    for (const [resource, keys] of Object.entries(REQUIRED)) {
      if (hasQuota(namespace, keys)) continue;
      report("", `no ResourceQuota limits ${resource} of all pods`);
    }
  },
});
