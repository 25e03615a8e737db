import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { Fields, Path } from "../reading/read";
import { fieldOf, valueAt } from "../reading/read";
import { monitorParts, MONITORS } from "../scraping/monitors";
import { tenantObjects } from "../tenants/tenant-namespaces";

/**
 * A tenant's monitor sees its own namespace, and nothing passes for another's. Prometheus itself
 * labels what it scrapes with the namespace, and a tenant has just one: a label of the tenant's own
 * is not asked for, only that no pod may override that one. Namespaces by name are P1-DATA-3's.
 */
export const p4Rule5 = defineRule({
  id: "P4-5",
  policy: "P4",
  severity: "high",
  title:
    "no monitor of a tenant selects every namespace, trusts a pod's labels or reads credentials",
  why: "a monitor of every namespace collects other tenants' metrics, a trusted pod passes for another tenant's, and Prometheus sends any file that a monitor names",
  remediation:
    "remove namespaceSelector.any, honorLabels and the files; take credentials from a Secret of the tenant's namespace",
  source:
    "monitoring.coreos.com/v1: namespaceSelector, honorLabels, basicAuth; Prometheus arbitraryFSAccessThroughSMs",
  inHome: (home) =>
    [...MONITORS.keys()].flatMap((kind) => tenantObjects(home, kind).flatMap(monitorParts)),
  check({ node, endpoint }, report) {
    if (endpoint !== undefined) checkEndpoint(endpoint, report);
    else if (!isOff(valueAt(node.object, "spec", "namespaceSelector", "any"))) {
      report(".spec.namespaceSelector.any", "selects every namespace; allowed is the tenant's own");
    }
  },
});

/** Files on the disk of Prometheus. */
export const FILES: readonly Path[] = [
  ["bearerTokenFile"],
  ["authorization", "credentialsFile"],
  ["tlsConfig", "caFile"],
  ["tlsConfig", "certFile"],
  ["tlsConfig", "keyFile"],
];
/** References to a key of a Secret; some write the secret itself there. */
export const CREDENTIALS: readonly Path[] = [
  ["basicAuth", "username"],
  ["basicAuth", "password"],
  ["authorization", "credentials"],
  ["oauth2", "clientSecret"],
  ["bearerTokenSecret"],
];

function checkEndpoint(endpoint: Fields, report: Report): void {
  if (!isOff(valueAt(endpoint, "honorLabels"))) {
    report(".honorLabels", "lets a pod set its own namespace's label; allowed is false");
  }
  for (const path of FILES) {
    const named = valueAt(endpoint, ...path);
    if (named !== undefined && named !== "") report(fieldOf(path), "names a file of Prometheus");
  }
  for (const path of CREDENTIALS) {
    const literal = typeof valueAt(endpoint, ...path) === "string";
    if (literal) report(fieldOf(path), "is a literal; allowed is a reference to a Secret's key");
  }
}

function isOff(value: unknown): boolean {
  return value === undefined || value === false;
}
