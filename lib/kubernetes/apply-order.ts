import type { KubernetesObject } from "./object";

/** What has to exist before what: a namespace, then its boundary, configuration, workloads, and what sends them load. */
export const STAGES = ["namespace", "policy", "config", "workload", "ingress"] as const;
export type Stage = (typeof STAGES)[number];

const KINDS: Readonly<Record<Exclude<Stage, "workload">, readonly string[]>> = {
  namespace: ["Namespace", "CustomResourceDefinition"],
  policy: [
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
  ],
  config: ["ConfigMap", "Secret", "SecretProviderClass", "PersistentVolumeClaim"],
  ingress: ["Ingress"],
};

/** The stage in which an object is applied; a kind that no other stage names comes with the workloads. */
export function stageOf({ kind }: KubernetesObject): Stage {
  return STAGE_OF.get(kind) ?? "workload";
}

const STAGE_OF = new Map<string, Stage>(
  Object.entries(KINDS).flatMap(([stage, kinds]) => kinds.map((kind) => [kind, stage as Stage])),
);

/** Objects stage by stage. Inside a stage the given order stays; empty stages are left out. */
export function applyStages(objects: readonly KubernetesObject[]): KubernetesObject[][] {
  return STAGES.map((stage) => objects.filter((object) => stageOf(object) === stage)).filter(
    (group) => group.length > 0,
  );
}
