import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import { listAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { isOfGroup } from "../subjects/candidates";
import { ofTenants } from "../tenants/tenant-namespaces";

/** Objects that say by address where a Service leads, with their API groups. */
export const ENDPOINTS = { Endpoints: "", EndpointSlice: "discovery.k8s.io" } as const;
const ENDPOINT_KINDS = Object.keys(ENDPOINTS) as (keyof typeof ENDPOINTS)[];

/**
 * A tenant is called by way of an Ingress, and its Services lead to nobody else's. Endpoints that a
 * manifest brings are refused, whatever their addresses: a pod's address is another's tomorrow. Those
 * that Kubernetes' controllers write, no scan of a cluster asks for.
 */
export const p1Net5 = defineRule({
  id: "P1-NET-5",
  policy: "P1",
  severity: "high",
  title:
    "a tenant's Services open no port of a node or balancer, take no address and stay at home, and it writes no endpoints",
  why: "a node's port and an external address go past the ingress controller, and an ExternalName or endpoints by address make another tenant's service look like one's own",
  remediation:
    "use type ClusterIP with an Ingress before it, no externalIPs, and a selector instead of Endpoints and EndpointSlices; where a LoadBalancer or an address outside is meant, waive this rule by the object's id",
  source:
    "kyverno restrict-node-port, restrict-service-external-ips, restrict-loadbalancer; gatekeeper block-nodeport-services, block-loadbalancer-services, externalip; CVE-2020-8554; CVE-2021-25740",
  inHome: ["Service", ...ENDPOINT_KINDS].map(ofTenants),
  check(subject, report) {
    const { object } = subject.node;
    const { kind } = object;
    // Another group's kind of that name is none of these, and P1-RBAC-2's to refuse.
    if (!isOfGroup(subject, isEndpoints(kind) ? ENDPOINTS[kind] : "")) return;
    if (isEndpoints(kind)) {
      report(".kind", "leads a Service to any address; allowed is the Service's own selector");
      return;
    }
    const addresses = listAt(object, "spec", "externalIPs").length;
    if (addresses > 0) report(".spec.externalIPs", `takes ${addresses}; allowed is none`);
    const type = valueAt(object, "spec", "type") ?? "ClusterIP";
    if (type === "ExternalName") {
      checkName(valueAt(object, "spec", "externalName"), subject.home.namespace, report);
    } else if (type !== "ClusterIP") {
      report(".spec.type", `is ${shown(type)}; allowed is ClusterIP`);
    }
  },
});

function isEndpoints(kind: string): kind is keyof typeof ENDPOINTS {
  return Object.hasOwn(ENDPOINTS, kind);
}

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
