import type { KubernetesObject } from "../../../lib/kubernetes/object";

export const RBAC = "rbac.authorization.k8s.io/v1";
export const TENANT = "rights";
/** The tenant's namespace. */
export const HOME = `tenant-${TENANT}`;

/** A rule of a role, as RBAC has it. */
export interface RoleRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export function role(name: string, rules: readonly RoleRule[]): KubernetesObject {
  return { apiVersion: RBAC, kind: "Role", metadata: { name, namespace: HOME }, rules };
}

export function clusterRole(name: string, rules: readonly RoleRule[]): KubernetesObject {
  return { apiVersion: RBAC, kind: "ClusterRole", metadata: { name }, rules };
}

/** Binds the tenant's service account of the binding's name. */
export function roleBinding(name: string, { kind, metadata }: KubernetesObject): KubernetesObject {
  return {
    apiVersion: RBAC,
    kind: "RoleBinding",
    metadata: { name, namespace: HOME },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: metadata.name },
    subjects: [{ kind: "ServiceAccount", name, namespace: HOME }],
  };
}

const core = (resources: readonly string[], verbs: readonly string[]): RoleRule => {
  return { apiGroups: [""], resources, verbs };
};

/** Rules that tempt a reader into the wrong answer. */
export const HAND_MADE: Readonly<Record<string, readonly RoleRule[]>> = {
  "no rule": [],
  "reads what is harmless": [core(["pods", "pods/log", "configmaps"], ["get", "list", "watch"])],
  "writes what is a tenant's own": [core(["configmaps", "services"], ["create", "delete"])],
  "gets a secret by name": [{ ...core(["secrets"], ["get"]), resourceNames: ["tls"] }],
  "gets any secret": [core(["secrets"], ["get"])],
  "lists secrets": [core(["secrets"], ["list"])],
  "lists a secret by name": [{ ...core(["secrets"], ["list"]), resourceNames: ["tls"] }],
  "watches secrets, in a second rule": [core(["pods"], ["get"]), core(["secrets"], ["watch"])],
  "deletes all secrets at once": [core(["secrets"], ["deletecollection"])],
  "patches any secret": [core(["secrets"], ["patch"])],
  "updates any secret": [core(["secrets"], ["update"])],
  "deletes any secret": [core(["secrets"], ["delete"])],
  "patches a secret by name": [{ ...core(["secrets"], ["patch"]), resourceNames: ["tls"] }],
  "verbs in capitals": [core(["secrets"], ["LIST"])],
  "a shell by POST": [core(["pods/exec"], ["create"])],
  "a shell by GET": [core(["pods/exec"], ["get"])],
  "attaches to a pod": [core(["pods/attach"], ["create"])],
  "a shell in a container that it adds": [core(["pods/ephemeralcontainers"], ["patch"])],
  "places a pod": [core(["pods/binding"], ["create"])],
  "places pods": [core(["bindings"], ["create"])],
  "reaches the ports of a pod": [core(["pods/portforward"], ["create"])],
  "calls a pod": [core(["pods/proxy"], ["get"])],
  "calls a Service": [core(["services/proxy"], ["get"])],
  "a shell in any resource": [core(["*/exec"], ["create"])],
  "calls the kubelet": [core(["nodes/proxy"], ["get"])],
  "issues tokens": [core(["serviceaccounts/token"], ["create"])],
  "every verb": [core(["pods"], ["*"])],
  "every resource": [core(["*"], ["get"])],
  "every group": [{ apiGroups: ["*"], resources: ["pods"], verbs: ["get"] }],
  everything: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
  "scales everything": [{ apiGroups: ["apps"], resources: ["*/scale"], verbs: ["update"] }],
  escalates: [
    { apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["escalate"] },
  ],
  binds: [
    {
      apiGroups: ["rbac.authorization.k8s.io"],
      resources: ["clusterroles"],
      verbs: ["bind"],
      resourceNames: ["admin"],
    },
  ],
  "impersonates an account": [core(["serviceaccounts"], ["impersonate"])],
  "impersonates an account, as far as it may": [
    {
      apiGroups: ["authentication.k8s.io"],
      resources: ["serviceaccounts"],
      verbs: ["impersonate:serviceaccount"],
    },
  ],
  "reads as another": [core(["configmaps"], ["impersonate-on:serviceaccount:get"])],
  "relabels its namespace": [core(["namespaces"], ["patch"])],
  "relabels its namespace by name": [{ ...core(["namespaces"], ["patch"]), resourceNames: [HOME] }],
  "finalizes its namespace": [core(["namespaces/finalize"], ["update"])],
  "reads its namespace": [core(["namespaces"], ["get"])],
  "raises its quota": [core(["resourcequotas"], ["update"])],
  "lowers what its quota counts": [core(["resourcequotas/status"], ["patch"])],
  "drops its limits": [core(["limitranges"], ["deletecollection"])],
  "opens its network": [
    { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["create"] },
  ],
  "adds a binding": [
    { apiGroups: ["rbac.authorization.k8s.io"], resources: ["rolebindings"], verbs: ["create"] },
  ],
  "reads its bindings": [
    { apiGroups: ["rbac.authorization.k8s.io"], resources: ["rolebindings"], verbs: ["list"] },
  ],
  "leads a Service astray": [core(["endpoints"], ["update"])],
  "leads a Service astray by slices": [
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["create"] },
  ],
};
