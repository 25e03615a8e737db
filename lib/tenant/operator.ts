import type { KubernetesObject } from "../kubernetes/object";
import { boundaryMeta } from "./boundary";
import type { Boundary } from "./boundary";

/** The name of the service account, role and binding with which a tenant's people look at their services. */
export const OPERATOR = "operator";

/**
 * Who may look into the namespace (rules P1-RBAC-1 to P1-RBAC-6): a service account that reads
 * workloads, events and logs. It reads no secret, changes nothing, starts no shell and gets no token mounted.
 */
export function planOperator(boundary: Boundary): KubernetesObject[] {
  const metadata = boundaryMeta(boundary, OPERATOR);
  const read = ["get", "list", "watch"];
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata,
      automountServiceAccountToken: false,
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata,
      rules: [
        {
          apiGroups: [""],
          resources: ["configmaps", "events", "persistentvolumeclaims", "pods", "services"],
          verbs: read,
        },
        { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
        { apiGroups: ["apps"], resources: ["deployments", "replicasets"], verbs: read },
        { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: read },
        { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: read },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: OPERATOR },
      subjects: [{ kind: "ServiceAccount", name: OPERATOR, namespace: boundary.namespace }],
    },
  ];
}
