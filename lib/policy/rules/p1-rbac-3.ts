import { undecidedBy } from "../candidates";
import { checkRights } from "../forbidden-rights";
import type { ResourceGraph } from "../graph";
import { perGraph } from "../per-graph";
import { eachElement, recordAt, valueAt } from "../read";
import { defineRule } from "../rule";
import type { Report } from "../rule";
import { shown } from "../shown";
import { elements, objectsOfKind } from "../subjects";
import type { ElementSubject, ObjectSubject } from "../subjects";
import { nameOf, namespaceOf, tenantObjects } from "../tenant-namespaces";

/** Kubernetes' own roles by what is in them: `edit` runs commands in pods and watches secrets. */
const TOO_STRONG = new Set<unknown>(["cluster-admin", "admin", "edit"]);
/** Kubernetes' own role that reads no secret and changes nothing. */
const HARMLESS = "view";

/** A tenant's roles, and those it is bound to, hold no right that breaks out of its namespace. */
export const p1Rbac3 = defineRule<ObjectSubject & Partial<ElementSubject>>({
  id: "P1-RBAC-3",
  policy: "P1",
  severity: "critical",
  title:
    "no role of a tenant has wildcards, escalating verbs, a shell or all secrets, nor is it an admin role",
  why: "each of these lets its holder become somebody else or read what it was not given",
  remediation:
    "name groups, resources and verbs one by one, get secrets by name, and bind to a Role of the namespace",
  source:
    "kyverno restrict-wildcard-*, restrict-escalation-verbs-roles, restrict-secret-role-verbs, restrict-binding-clusteradmin, restrict-clusterrole-nodesproxy; checkov CKV_K8S_49, 155-158; kubescape C-0015, 0035, 0063, 0065, 0186-0191",
  subjects: (graph) => [
    ...tenantObjects(graph, "Role").flatMap((role) => elements(role, role.node.object, "rules")),
    ...tenantObjects(graph, "RoleBinding"),
  ],
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
  } else if (TOO_STRONG.has(name)) {
    report(field, `role ${shown(name)} rules over the whole namespace, secrets included`);
  } else if (kind === "ClusterRole" && name === HARMLESS) {
    return;
  } else {
    const namespace = kind === "Role" ? namespaceOf(binding) : undefined;
    const role = roles(graph).get(roleKey(binding.scope.cluster, kind, namespace, name));
    if (role === undefined) {
      const message = `${kind} ${shown(name)} is not there, so its rights are not known`;
      report(field, message);
    } else if (kind === "ClusterRole") {
      for (const message of clusterRoleFaults(role)) report(field, message);
    }
    // A Role of the namespace is looked at by itself.
  }
}

/** What is wrong with a ClusterRole that a tenant is bound to. */
function clusterRoleFaults(role: ObjectSubject): string[] {
  const { object } = role.node;
  const found: string[] = [];
  try {
    if (recordAt(object, "aggregationRule") !== undefined) {
      found.push(`${role.object} gathers its rights by label, so they are not known`);
    }
    eachElement(object, ["rules"], (rule, at) => {
      checkRights(rule, (field, message) => {
        found.push(`${role.object} at ${at.slice(1)}${field}: ${message}`);
      });
    });
  } catch (error) {
    throw undecidedBy(role, error);
  }
  return found;
}

const roles = perGraph((graph): ReadonlyMap<string, ObjectSubject> => {
  const found = new Map<string, ObjectSubject>();
  for (const kind of ["Role", "ClusterRole"]) {
    for (const role of objectsOfKind(graph, kind)) {
      found.set(roleKey(role.scope.cluster, kind, namespaceOf(role), nameOf(role)), role);
    }
  }
  return found;
});

function roleKey(...parts: readonly unknown[]): string {
  return JSON.stringify(parts.map((part) => part ?? null));
}
