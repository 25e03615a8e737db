import { parseQuantity } from "../../kubernetes/quantity";
import { defineRule } from "../evaluation/rule";
import { hasQuota } from "../quota/namespace-quota";
import type { Amount } from "../quota/namespace-quota";
import { tenantNamespaces } from "../tenants/tenant-namespaces";

/** What has to be counted, by the keys that Kubernetes takes for it. */
const COUNTED = Object.entries({
  pods: ["pods", "count/pods"],
  services: ["services", "count/services"],
  secrets: ["secrets", "count/secrets"],
  configmaps: ["configmaps", "count/configmaps"],
  persistentvolumeclaims: ["persistentvolumeclaims", "count/persistentvolumeclaims"],
  "services.loadbalancers": ["services.loadbalancers"],
});
/** A port of every node is not a tenant's to open. */
const NODE_PORTS = "services.nodeports";

/** Every tenant's namespace has a quota on how many objects one tenant could make. */
export const p1Quo2 = defineRule({
  id: "P1-QUO-2",
  policy: "P1",
  severity: "medium",
  title:
    "every tenant's namespace has a quota on the number of its objects, and allows no node ports",
  why: "without one a single tenant fills etcd, the address range of Services or the ports of all nodes",
  remediation: `add to a ResourceQuota's spec.hard ${COUNTED.map(([resource]) => resource).join(", ")}, and ${NODE_PORTS}: "0"`,
  source: "mtb FNS-2; Kubernetes, Resource Quotas: quota on object count",
  inHome: tenantNamespaces,
  check(namespace, report) {
    for (const [resource, keys] of COUNTED) {
      if (hasQuota(namespace, keys)) continue;
      report("", `no ResourceQuota limits the number of ${resource}`);
    }
    if (!hasQuota(namespace, [NODE_PORTS], isZero)) {
      report("", `no ResourceQuota sets ${NODE_PORTS} to 0`);
    }
  },
});

function isZero(amount: Amount): boolean {
  return parseQuantity(String(amount)) === 0;
}
