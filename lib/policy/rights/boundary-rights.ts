import { printable } from "../../kubernetes/names";
import type { Report } from "../evaluation/rule";
import { textsAt } from "../reading/read";

export const WRITES = new Set(["create", "update", "patch", "delete", "deletecollection", "*"]);

/**
 * What the boundary of a tenant is made of, and what an own write to it would undo. Endpoints send
 * a Service's callers to the pods of others (CVE-2021-25740). Whatever the API group: OpenShift,
 * Calico and Cilium have resources of the same or similar names, which do the same.
 */
export const BOUNDARY: Readonly<Record<string, string>> = {
  namespaces: "the Pod Security profile",
  resourcequotas: "the quota",
  limitranges: "the limits",
  networkpolicies: "the network boundary",
  ciliumnetworkpolicies: "the network boundary",
  rolebindings: "who may do what",
  endpoints: "where traffic goes",
  endpointslices: "where traffic goes",
};

/** Reports where one rule of a Role or ClusterRole lets its holder change the tenant's boundary. */
export function checkBoundaryRights(rule: unknown, report: Report): void {
  const verb = textsAt(rule, "verbs").find((text) => WRITES.has(text));
  if (verb === undefined) return;
  textsAt(rule, "resources").forEach((resource, index) => {
    // `namespaces/finalize` and `resourcequotas/status` are writes to the same object.
    const what = changedBy(resource.split("/", 1)[0]!);
    if (what === undefined) return;
    report(`.resources[${index}]`, `${verb} of ${printable(resource)} changes ${what}`);
  });
}

function changedBy(resource: string): string | undefined {
  if (resource === "*") return "the tenant's whole boundary";
  return Object.hasOwn(BOUNDARY, resource) ? BOUNDARY[resource] : undefined;
}
