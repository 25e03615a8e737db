import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { otherClaim, routes } from "../network/host-claims";
import type { HostClaim, RouteSubject } from "../network/host-claims";
import { fieldOf, recordAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";

/** Annotations by which an Ingress says more than its fields do, and what is wrong with that. */
export const LOUD_ANNOTATIONS: readonly (readonly [key: RegExp, message: string])[] = [
  [/-snippets?$/, "puts its text into the configuration that all tenants share"],
  [/\/server-alias$/, "takes hosts that no rule names; write a rule for each"],
];

/**
 * A host is one tenant's, is written out and has a certificate. A tenant may spread one host of its
 * own over several objects, or over clusters. For an HTTPRoute, the certificate is its Gateway's.
 */
export const p1Net6 = defineRule({
  id: "P1-NET-6",
  policy: "P1",
  severity: "critical",
  title: "every host of an Ingress or HTTPRoute is one tenant's own, written out, and has TLS",
  why: "whoever else names a host, or a wildcard that holds it, gets the requests and cookies that were another tenant's",
  remediation:
    "name each host, no wildcard, by its tenant's own domain, list it under spec.tls, and drop snippet and alias annotations",
  source:
    "gatekeeper uniqueingresshost, block-wildcard-ingress, httpsonly; kyverno restrict-ingress-wildcard, unique-ingress-host-and-path; checkov CKV_K8S_152-154; kubescape C-0059; CVE-2021-25742",
  inHome: routes,
  check(route, report, graph) {
    const { object } = route.node;
    for (const key of Object.keys(recordAt(object, "metadata", "annotations") ?? {})) {
      const message = LOUD_ANNOTATIONS.find(([loud]) => loud.test(key))?.[1];
      if (message !== undefined) report(fieldOf(["metadata", "annotations", key]), message);
    }
    if (valueAt(object, "spec", "defaultBackend") !== undefined) {
      report(".spec.defaultBackend", "takes the requests for every host that nobody names");
    }
    checkHosts(route, graph, report);
    if (route.unread !== undefined) throw route.unread;
  },
});

function checkHosts(route: RouteSubject, graph: ResourceGraph, report: Report): void {
  const { routed, certified } = route;
  const { kind } = route.node.object;
  if (route.unread === undefined && kind === "HTTPRoute" && routed.length === 0) {
    report(".spec.hostnames", "is empty, which takes every host of the gateway");
  }
  const named = namesOf(routed);
  const unnamed = certified.filter(({ name }) => !named.has(name));
  for (const claim of unnamed.length > 0 ? [...routed, ...unnamed] : routed) {
    const message = hostFault(claim, route, graph);
    if (message !== undefined) report(claim.field, message);
  }
  // What is not read may be among them.
  if (kind === "HTTPRoute" || route.unread !== undefined) return;
  const safe = namesOf(certified);
  for (const { host, name, field } of routed) {
    if (!safe.has(name)) report(field, `${shown(host)} is not among the hosts of spec.tls`);
  }
}

function namesOf(claims: readonly HostClaim[]): ReadonlySet<unknown> {
  return new Set(claims.map(({ name }) => name));
}

function hostFault(
  claim: HostClaim,
  route: RouteSubject,
  graph: ResourceGraph,
): string | undefined {
  const { host } = claim;
  if (host === undefined || host === "") return "is empty, which takes every host";
  if (typeof host !== "string") return `is ${shown(host)}; allowed is a host's name`;
  if (host.includes("*")) return `${shown(host)} is a wildcard; name each host`;
  const other = otherClaim(graph, route, claim);
  return other === undefined ? undefined : `${shown(host)} is also a host of ${other}`;
}
