import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { write } from "../../policy/change";
import type { Path } from "../../policy/change";

const TEMPLATE: Path = ["spec", "template"];
const RUN_ONCE: readonly (readonly [Path, unknown])[] = [
  [["spec", "template", "spec", "restartPolicy"], "Never"],
];

/** What the API server wants of each kind besides a pod. */
const BESIDES: Readonly<Record<string, readonly (readonly [Path, unknown])[]>> = {
  ReplicationController: [[["spec", "selector"], { app: "api" }]],
  ReplicaSet: [[["spec", "selector"], { matchLabels: { app: "api" } }]],
  Deployment: [[["spec", "selector"], { matchLabels: { app: "api" } }]],
  StatefulSet: [
    [["spec", "selector"], { matchLabels: { app: "api" } }],
    [["spec", "serviceName"], "api"],
  ],
  DaemonSet: [[["spec", "selector"], { matchLabels: { app: "api" } }]],
  Job: RUN_ONCE,
  CronJob: [
    [["spec", "schedule"], "0 0 * * *"],
    ...RUN_ONCE.map(([path, value]) => [["spec", "jobTemplate", ...path], value] as const),
  ],
};

const POD_AT: Readonly<Record<string, Path>> = {
  Pod: [],
  PodTemplate: ["template"],
  CronJob: ["spec", "jobTemplate", ...TEMPLATE],
};

/** Every kind that carries a pod and that API servers have by themselves. */
export const WORKLOADS = ["Pod", "PodTemplate", "CronJob", ...Object.keys(BESIDES)].filter(
  (kind, at, all) => all.indexOf(kind) === at,
);

/**
 * A workload around a pod as an API server takes it in: init containers become sidecars, which may
 * have probes, and ephemeral containers go, which are added to a pod that is there only.
 */
export function admissible(workload: KubernetesObject): KubernetesObject {
  const object = structuredClone(workload);
  for (const [path, value] of BESIDES[object.kind] ?? []) write(object, path, value);
  const spec = podSpecOf(object);
  delete spec["ephemeralContainers"];
  for (const container of listIn(spec, "initContainers")) container["restartPolicy"] ??= "Always";
  return object;
}

/** The spec of the pod that a workload carries. */
export function podSpecOf(workload: KubernetesObject): Record<string, unknown> {
  const path = [...(POD_AT[workload.kind] ?? TEMPLATE), "spec"];
  return path.reduce<unknown>(
    (place, key) => (place as Record<string | number, unknown>)[key],
    workload,
  ) as Record<string, unknown>;
}

/** What an ephemeral container may not have. */
const NOT_EPHEMERAL = [
  "ports",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
  "resources",
];

/** A container without what no ephemeral one may have, but for what a case is about. */
export function asEphemeral(
  container: Readonly<Record<string, unknown>>,
  kept: readonly unknown[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(container).filter(([key]) => !NOT_EPHEMERAL.includes(key) || kept.includes(key)),
  );
}

function listIn(fields: Record<string, unknown>, key: string): Record<string, unknown>[] {
  const list = fields[key];
  return (Array.isArray(list) ? (list as unknown[]) : []).filter(
    (element): element is Record<string, unknown> =>
      typeof element === "object" && element !== null,
  );
}
