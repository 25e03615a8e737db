import { PLATFORM_NAMESPACE } from "../../kubernetes/names";
import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import type { ElementSubject } from "../subjects/subjects";
import { tenantBindingSubjects } from "../tenants/tenant-parts";

/** Whoever is bound to a role in a tenant's namespace is at home there. */
export const p1Rbac1 = defineRule<ElementSubject>({
  id: "P1-RBAC-1",
  policy: "P1",
  severity: "critical",
  title: "a tenant's role bindings name only its own service accounts, and no system group",
  why: "a service account of another namespace, or a group that everybody is in, then reads the tenant's objects",
  remediation: `name service accounts of the binding's own namespace or of ${PLATFORM_NAMESPACE}, or people and groups of your identity provider`,
  source: "mtb TI-2; kyverno restrict-binding-system-groups",
  inHome: tenantBindingSubjects,
  check({ element, node: { object } }, report) {
    const kind = valueAt(element, "kind");
    if (kind === "ServiceAccount") {
      checkAccount(element, valueAt(object, "metadata", "namespace"), report);
    } else if (kind === "User" || kind === "Group") {
      checkName(element, report);
    } else {
      const message = `kind is ${shown(kind)}; allowed are ServiceAccount, User and Group`;
      report(".kind", message);
    }
  },
});

function checkAccount(element: unknown, own: unknown, report: Report): void {
  const namespace = valueAt(element, "namespace");
  const isText = typeof namespace === "string" && namespace !== "";
  if (isText && (namespace === own || namespace === PLATFORM_NAMESPACE)) return;
  const message = `namespace is ${shown(namespace)}; allowed are ${shown(own)} and ${PLATFORM_NAMESPACE}`;
  report(".namespace", message);
}

function checkName(element: unknown, report: Report): void {
  const name = valueAt(element, "name");
  if (typeof name === "string" && name !== "" && !name.startsWith("system:")) return;
  // Among them system:authenticated, and service accounts by their user name.
  report(".name", `name is ${shown(name)}; no name of Kubernetes' own is allowed`);
}
