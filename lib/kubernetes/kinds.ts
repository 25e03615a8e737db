import type { KubernetesObject } from "./object";

export type Scope = "Namespaced" | "Cluster";

/** API group (empty for core) and the kinds in it that this library knows. */
const NAMESPACED: Readonly<Record<string, readonly string[]>> = {
  "": [
    "Pod",
    "Service",
    "ServiceAccount",
    "ConfigMap",
    "Secret",
    "PersistentVolumeClaim",
    "ResourceQuota",
    "LimitRange",
    "Endpoints",
    "Event",
    "PodTemplate",
    "ReplicationController",
  ],
  apps: ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ControllerRevision"],
  batch: ["Job", "CronJob"],
  autoscaling: ["HorizontalPodAutoscaler"],
  policy: ["PodDisruptionBudget"],
  "networking.k8s.io": ["NetworkPolicy", "Ingress"],
  "rbac.authorization.k8s.io": ["Role", "RoleBinding"],
  "coordination.k8s.io": ["Lease"],
  "discovery.k8s.io": ["EndpointSlice"],
  "argoproj.io": ["Rollout"],
  "monitoring.coreos.com": ["ServiceMonitor", "PodMonitor"],
  "secrets-store.csi.x-k8s.io": ["SecretProviderClass"],
};

const CLUSTER: Readonly<Record<string, readonly string[]>> = {
  "": ["Namespace", "Node", "PersistentVolume"],
  "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding"],
  "storage.k8s.io": ["StorageClass", "CSIDriver", "VolumeAttachment"],
  "apiextensions.k8s.io": ["CustomResourceDefinition"],
  "admissionregistration.k8s.io": [
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
  ],
  "apiregistration.k8s.io": ["APIService"],
  "scheduling.k8s.io": ["PriorityClass"],
  "networking.k8s.io": ["IngressClass"],
  "certificates.k8s.io": ["CertificateSigningRequest"],
};

/** The group of an apiVersion: empty for `v1`, `apps` for `apps/v1`. */
export function apiGroup(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** Whether an apiVersion is one of a group: `apps/v1` of `apps`, `v1` and `/v1` of the empty one. */
export function isInGroup(apiVersion: string, group: string): boolean {
  if (group === "") return apiVersion.indexOf("/") <= 0;
  return apiVersion[group.length] === "/" && apiVersion.startsWith(group);
}

/** Whether a kind lives in a namespace, or undefined for a kind that this library does not know. */
export function scopeOf({ apiVersion, kind }: KubernetesObject): Scope | undefined {
  for (const { group, scope } of KINDS.get(kind) ?? []) {
    if (isInGroup(apiVersion, group)) return scope;
  }
  return undefined;
}

/** By the kind's name, which several groups may have. */
const KINDS = byKind();

function byKind() {
  const kinds = new Map<string, { readonly group: string; readonly scope: Scope }[]>();
  const add = (table: Readonly<Record<string, readonly string[]>>, scope: Scope) => {
    for (const [group, names] of Object.entries(table)) {
      for (const kind of names) kinds.set(kind, [...(kinds.get(kind) ?? []), { group, scope }]);
    }
  };
  add(NAMESPACED, "Namespaced");
  add(CLUSTER, "Cluster");
  return kinds;
}
