import { isOfGroup } from "../candidates";
import { listAt, valueAt } from "../read";
import { defineRule } from "../rule";
import type { Report } from "../rule";
import { shown } from "../shown";
import { tenantObjects } from "../tenant-namespaces";

/** A tenant is called by way of an Ingress, and its Services lead to nobody else's. */
export const p1Net5 = defineRule({
  id: "P1-NET-5",
  policy: "P1",
  severity: "high",
  title: "a tenant's Services open no port of a node or balancer, take no address and stay at home",
  why: "a node's port and an external address go past the ingress controller, and an ExternalName makes another tenant's service look like one's own",
  remediation:
    "use type ClusterIP with an Ingress before it, and no externalIPs; where a LoadBalancer is meant, waive this rule by the Service's id",
  source:
    "kyverno restrict-node-port, restrict-service-external-ips, restrict-loadbalancer; gatekeeper block-nodeport-services, block-loadbalancer-services, externalip; CVE-2020-8554",
  inHome: (home) => tenantObjects(home, "Service"),
  check(service, report) {
    // Another group's kind of that name is no Service, and P1-RBAC-2's to refuse.
    if (!isOfGroup(service, "")) return;
    const { object } = service.node;
    const addresses = listAt(object, "spec", "externalIPs").length;
    if (addresses > 0) report(".spec.externalIPs", `takes ${addresses}; allowed is none`);
    const type = valueAt(object, "spec", "type") ?? "ClusterIP";
    if (type === "ExternalName") {
      checkName(valueAt(object, "spec", "externalName"), service.home.namespace, report);
    } else if (type !== "ClusterIP") {
      report(".spec.type", `is ${shown(type)}; allowed is ClusterIP`);
    }
  },
});

function checkName(name: unknown, own: string | undefined, report: Report): void {
  const field = ".spec.externalName";
  if (typeof name !== "string") {
    report(field, `is ${shown(name)}; allowed is a host's name`);
    return;
  }
  const namespace = namespaceIn(name);
  if (namespace !== undefined && namespace !== own) {
    report(field, `leads to namespace ${shown(namespace)}; allowed is the Service's own`);
  }
}

/**
 * The namespace in the name of a Service or pod of the cluster: `db.tenant-b.svc.cluster.local`,
 * whatever the cluster's own domain is. Undefined for a name from outside.
 */
function namespaceIn(name: string): string | undefined {
  const parts = name.toLowerCase().split(".");
  // The last one counts: a Service and a namespace may be called svc, too.
  const end = Math.max(parts.lastIndexOf("svc"), parts.lastIndexOf("pod"));
  return end >= 2 ? parts[end - 1] : undefined;
}
