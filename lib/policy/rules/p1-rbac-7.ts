import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { valueAt } from "../reading/read";
import type { Fields } from "../reading/read";
import { shown } from "../reading/shown";
import { accountsNamespace, isEverybody } from "../rights/binding-subject";
import { isOfGroup } from "../subjects/candidates";
import { elements } from "../subjects/subjects";
import { namespaceOwner } from "../tenants/tenant-namespaces";

/** What Kubernetes itself binds to everybody: they tell of the API, and of one's own rights in it. */
const OPEN_ROLES: readonly unknown[] = [
  "system:basic-user",
  "system:discovery",
  "system:public-info-viewer",
  "system:service-account-issuer-discovery",
];

/** No right in every namespace comes to a tenant by a binding of somebody else. */
export const p1Rbac7 = defineRule({
  id: "P1-RBAC-7",
  policy: "P1",
  severity: "critical",
  title: "no cluster-wide binding gives a right to a tenant, or to everybody",
  why: "a right that every service account has is every tenant's, over all other tenants' namespaces",
  remediation:
    "bind people and groups of your identity provider, or service accounts of the platform; give a tenant a RoleBinding in its own namespace",
  source: "CIS Kubernetes Benchmark 5.1; kubescape C-0262; kyverno restrict-binding-system-groups",
  // One that counts as a tenant's own, P1-RBAC-2 refuses.
  inHome: (home) =>
    home
      .ofKind("ClusterRoleBinding")
      .filter(({ scope }) => scope.tenant === undefined)
      .flatMap((binding) => elements(binding, binding.node.object, "subjects")),
  check(subject, report, graph) {
    const { element, node, scope } = subject;
    // Another group's kind of that name gives no right, and is P1-RBAC-2's to refuse.
    if (!isOfGroup(subject, "rbac.authorization.k8s.io")) return;
    if (OPEN_ROLES.includes(valueAt(node.object, "roleRef", "name"))) return;
    const whose = whoseRight(element, scope.cluster, graph);
    if (whose === undefined) return;
    const role = shown(valueAt(node.object, "roleRef", "name"));
    report(".name", `${shown(element["name"])} is ${whose}, and gets ${role} in every namespace`);
  },
});

function whoseRight(subject: Fields, cluster: string, graph: ResourceGraph): string | undefined {
  if (isEverybody(subject)) return "everybody, all tenants among them";
  const namespace = accountsNamespace(subject);
  const tenant = namespace === undefined ? undefined : namespaceOwner(graph, cluster, namespace);
  return tenant === undefined ? undefined : `of tenant ${shown(tenant)}`;
}
