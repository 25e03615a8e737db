import { namespaced } from "./admission-scope";

/** What replaces its pods by rolling them out. An Argo Rollout is left to the audit. */
export const ROLLOUTS = namespaced("apps/v1", ["daemonsets", "deployments", "statefulsets"]);

export const ROLLOUT_KINDS = ["DaemonSet", "Deployment", "StatefulSet"] as const;
