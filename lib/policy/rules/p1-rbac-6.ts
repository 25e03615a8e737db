import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { checkBoundaryRights } from "../rights/boundary-rights";
import { checkClusterRole } from "../rights/cluster-roles";
import type { ElementSubject, ObjectSubject } from "../subjects/subjects";
import { ofTenants } from "../tenants/tenant-namespaces";
import { tenantRoleRules } from "../tenants/tenant-parts";

/**
 * A tenant cannot change what keeps it apart from others. The platform's ClusterRoles count where a
 * tenant is bound to them, by themselves or through one that gathers them by label; of those that the
 * graph does not hold P1-RBAC-3 says so.
 */
export const p1Rbac6 = defineRule<ObjectSubject & Partial<ElementSubject>>({
  id: "P1-RBAC-6",
  policy: "P1",
  severity: "critical",
  title:
    "no role of a tenant may write its namespace, quota, limits, network policies, role bindings or endpoints",
  why: "a tenant that may patch its Namespace makes its pods privileged, and one that may add a NetworkPolicy opens itself to others",
  remediation:
    "take these resources out of the rule or leave it get, list and watch; the platform's stack changes them",
  source:
    "mtb CPI-2, TI-1; kyverno other/namespace-protection; gatekeeper block-endpoint-edit-default-role, noupdateserviceaccount; CVE-2021-25740",
  inHome: [tenantRoleRules, ofTenants("RoleBinding")],
  check({ scope, node: { object }, element }, report, graph) {
    if (element !== undefined) {
      checkBoundaryRights(element, report);
      return;
    }
    if (valueAt(object, "roleRef", "kind") !== "ClusterRole") return;
    const name = valueAt(object, "roleRef", "name");
    const role = { cluster: scope.cluster, name };
    checkClusterRole(graph, role, checkBoundaryRights, (fault) => report(".roleRef.name", fault));
  },
});
