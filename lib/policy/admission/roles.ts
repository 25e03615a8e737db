import type { AdmissionScope } from "./admission-scope";
import { namespaced } from "./admission-scope";
import { listIn } from "./cel";

/** The Roles and RoleBindings of tenants' namespaces. */
export const ROLES: AdmissionScope = {
  ...namespaced("rbac.authorization.k8s.io/v1", ["roles", "rolebindings"], ["rules", "roleRef"]),
  variables: { rules: listIn(`dyn(object).?rules`) },
};

/** Why a binding to a ClusterRole is decided by the audit. */
export const CLUSTER_ROLES_REST =
  "the rights of a ClusterRole that a RoleBinding names are in another object";
