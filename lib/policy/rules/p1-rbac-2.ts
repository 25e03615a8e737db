import { apiGroup, scopeOf } from "../../kubernetes/kinds";
import { printable, tenantNamespace } from "../../kubernetes/names";
import { defineRule } from "../evaluation/rule";
import { MalformedError, valueAt } from "../reading/read";
import { objects } from "../subjects/subjects";
import { endsInHash } from "../tenants/hashed-name";

/** A tenant brings nothing that lies outside its namespace, nor what nobody can judge. */
export const p1Rbac2 = defineRule({
  id: "P1-RBAC-2",
  policy: "P1",
  severity: "critical",
  title: "a tenant's only cluster-scoped object is its own Namespace, and all its kinds are known",
  why: "a cluster-scoped object acts on every tenant, and no other rule looks into a kind it does not know",
  remediation:
    "move the object to the platform's stack; for a namespaced custom resource that you have looked at, waive this rule by the object's id",
  source: "mtb CPI-1; kyverno argo/appproject-clusterresourceblacklist; Capsule CVE-2026-22872",
  inHome: (home) => objects(home).filter(({ scope }) => scope.tenant !== undefined),
  check({ scope, node: { object } }, report) {
    const apiVersion = valueAt(object, "apiVersion");
    if (typeof apiVersion !== "string") throw new MalformedError(".apiVersion", "is no text");
    const { kind } = object;
    const reach = scopeOf(object);
    if (reach === "Namespaced") return;
    if (reach === undefined) {
      const group = apiGroup(apiVersion);
      const name = printable(group === "" ? kind : `${group}/${kind}`);
      const message = `${name} is no kind that the rules know, so none has looked into it`;
      report(".kind", message);
      return;
    }
    const own = tenantNamespace(scope.tenant!);
    if (kind !== "Namespace") {
      report(".kind", `${kind} is cluster-scoped; allowed is Namespace ${own}`);
    } else if (!isOwn(valueAt(object, "metadata", "name"), scope.tenant!)) {
      report(".metadata.name", `is another namespace; allowed is ${own}`);
    }
  },
});

/** Whether a namespace bears a tenant's id, or a hash of one that P5-4 does not let stand in a name. */
function isOwn(name: unknown, tenant: string): boolean {
  if (name === tenantNamespace(tenant)) return true;
  const isHashed = typeof name === "string" && name.startsWith(tenantNamespace(""));
  return isHashed && endsInHash(name, tenant);
}
