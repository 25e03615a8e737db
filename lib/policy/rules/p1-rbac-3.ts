import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { checkClusterRole } from "../rights/cluster-roles";
import { checkRights } from "../rights/forbidden-rights";
import type { ElementSubject, ObjectSubject } from "../subjects/subjects";
import { ofTenants } from "../tenants/tenant-namespaces";
import { tenantRoleRules } from "../tenants/tenant-parts";

/** Kubernetes' own roles by what is in them: `edit` runs commands in pods and watches secrets. */
export const TOO_STRONG = new Set<unknown>(["cluster-admin", "admin", "edit"]);

/**
 * A tenant's roles, and those it is bound to, hold no right that breaks out of its namespace. Kubernetes'
 * own `view` is taken for what it is; what a ClusterRole's label adds to it counts as any other's rights.
 */
export const p1Rbac3 = defineRule<ObjectSubject & Partial<ElementSubject>>({
  id: "P1-RBAC-3",
  policy: "P1",
  severity: "critical",
  title:
    "no role of a tenant has wildcards, escalating verbs, a shell, a tunnel or all secrets, nor is it an admin role",
  why: "each of these lets its holder become somebody else or read what it was not given, as a change of a secret does, whose answer holds it",
  remediation:
    "name groups, resources and verbs one by one, get secrets by name, change only those of resourceNames, add nothing of this to view by an aggregation label, and bind to a Role of the namespace",
  source:
    "Kubernetes, bootstrappolicy: escalating resources; KEP-5284; kyverno restrict-wildcard-*, restrict-escalation-verbs-roles, restrict-secret-role-verbs, restrict-binding-clusteradmin, restrict-clusterrole-nodesproxy; checkov CKV_K8S_49, 155-158; kubescape C-0015, 0035, 0063, 0065, 0186-0191",
  inHome: [tenantRoleRules, ofTenants("RoleBinding")],
  check(subject, report, graph) {
    if (subject.element === undefined) checkBinding(subject, graph, report);
    else checkRights(subject.element, report);
  },
});

function checkBinding(binding: ObjectSubject, graph: ResourceGraph, report: Report): void {
  const { object } = binding.node;
  const name = valueAt(object, "roleRef", "name");
  const kind = valueAt(object, "roleRef", "kind");
  const field = ".roleRef.name";
  if (kind !== "Role" && kind !== "ClusterRole") {
    const message = `kind is ${shown(kind)}; allowed are Role and ClusterRole`;
    report(".roleRef.kind", message);
  } else if (kind === "ClusterRole" && TOO_STRONG.has(name)) {
    report(field, `role ${shown(name)} rules over the whole namespace, secrets included`);
  } else if (kind === "ClusterRole") {
    const role = { cluster: binding.scope.cluster, name };
    if (!checkClusterRole(graph, role, checkRights, (message) => report(field, message))) {
      const message = `${kind} ${shown(name)} is not there, so its rights are not known`;
      report(field, message);
    }
  }
  // A Role of the namespace is looked at by itself; P1-RBAC-4 says where there is none.
}
