import type { KubernetesObject } from "../../lib/kubernetes/object";

/** Lets a group read what is in every namespace. */
export function clusterRoleBinding(name: string, group: string): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    subjects: [{ kind: "Group", name: group }],
  };
}
