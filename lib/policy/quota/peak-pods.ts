import { apiGroup } from "../../kubernetes/kinds";
import type { ResourceGraph } from "../graph/graph";
import { readIntOrPercent } from "../reading/int-or-percent";
import { eachElement, MalformedError, valueAt } from "../reading/read";
import type { Path } from "../reading/read";
import { isInHome } from "../references/named-objects";
import { undecidedBy } from "../subjects/candidates";
import { objectsOfKind } from "../subjects/subjects";
import type { ObjectSubject } from "../subjects/subjects";

/**
 * How many pods a workload has at most at one time: its replicas or its autoscaler's maximum, and
 * those that a rollout starts before it stops others. A DaemonSet has as many as the graph has
 * nodes, at least one; a CronJob one Job. What belongs to another object of the graph has none of
 * its own: its owner counts.
 *
 * @throws MalformedError for numbers that are none, UndecidedError if an autoscaler cannot be read.
 */
export function peakPods(graph: ResourceGraph, workload: ObjectSubject): number {
  const { object } = workload.node;
  if (isOwned(workload)) return 0;
  switch (object.kind) {
    case "Pod":
      return ENDED.has(valueAt(object, "status", "phase")) ? 0 : 1;
    case "PodTemplate":
      return 0;
    case "DaemonSet":
      return Math.max(1, nodesOf(graph, workload.scope.cluster));
    case "Job":
      return jobPods(object, ["spec"]);
    case "CronJob":
      return jobPods(object, ["spec", "jobTemplate", "spec"]);
    default: {
      const replicas = replicasOf(workload);
      return replicas + surgeOf(object, replicas);
    }
  }
}

/** A pod in such a phase runs no more. */
const ENDED = new Set<unknown>(["Succeeded", "Failed"]);

/** Which kinds' controllers make pods, and what makes them, and hold them to their own number. */
const CONTROLLERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Pod", ["ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"]],
  ["ReplicaSet", ["Deployment", "Rollout"]],
  ["Job", ["CronJob"]],
]);

/** Any other owner, which may be anything of the namespace, counts no pods in its stead. */
function isOwned({ node, home }: ObjectSubject): boolean {
  const controllers = CONTROLLERS.get(node.object.kind) ?? [];
  let owned = false;
  eachElement(node.object, ["metadata", "ownerReferences"], (owner) => {
    if (valueAt(owner, "controller") !== true) return;
    const [version, kind, name] = ["apiVersion", "kind", "name"].map((key) => valueAt(owner, key));
    if (typeof version !== "string" || typeof kind !== "string" || typeof name !== "string") return;
    if (!controllers.includes(kind)) return;
    owned ||= isInHome(home, { kind, group: apiGroup(version), name });
  });
  return owned;
}

function nodesOf(graph: ResourceGraph, cluster: string): number {
  return objectsOfKind(graph, "Node").filter(({ scope }) => scope.cluster === cluster).length;
}

function jobPods(object: unknown, job: Path): number {
  const parallelism = countAt(object, [...job, "parallelism"], 1);
  return Math.min(parallelism, countAt(object, [...job, "completions"], parallelism));
}

function replicasOf(workload: ObjectSubject): number {
  const { object } = workload.node;
  let most = countAt(object, ["spec", "replicas"], 1);
  for (const autoscaler of workload.home.ofKind("HorizontalPodAutoscaler")) {
    try {
      if (autoscaler.failure !== undefined) throw autoscaler.failure;
      const target = (key: string) =>
        valueAt(autoscaler.node.object, "spec", "scaleTargetRef", key);
      if (target("kind") !== object.kind) continue;
      if (target("name") !== valueAt(object, "metadata", "name")) continue;
      most = Math.max(most, countAt(autoscaler.node.object, ["spec", "maxReplicas"], 0));
    } catch (error) {
      throw undecidedBy(autoscaler, error);
    }
  }
  return most;
}

/** What a rollout starts at once when nobody says anything. */
const DEFAULT_SURGE = "25%";

/** The pods that a rollout starts beside so many others. */
function surgeOf(object: { readonly kind: string }, replicas: number): number {
  // A blue-green rollout of Argo's starts a whole second set.
  if (valueAt(object, "spec", "strategy", "blueGreen") !== undefined) return replicas;
  const path = surgePath(object);
  if (path === undefined) return 0;
  const limit = readIntOrPercent(valueAt(object, ...path) ?? DEFAULT_SURGE);
  if (!limit)
    throw new MalformedError(`.${path.join(".")}`, "is neither a number nor a percentage");
  return limit.unit === "pods" ? limit.amount : Math.ceil((replicas * limit.amount) / 100);
}

function surgePath(object: { readonly kind: string }): readonly string[] | undefined {
  switch (object.kind) {
    case "Deployment":
      return valueAt(object, "spec", "strategy", "type") === "Recreate"
        ? undefined
        : ["spec", "strategy", "rollingUpdate", "maxSurge"];
    case "Rollout":
      return ["spec", "strategy", "canary", "maxSurge"];
    default:
      return undefined;
  }
}

function countAt(object: unknown, path: Path, otherwise: number): number {
  const value = valueAt(object, ...path) ?? otherwise;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new MalformedError(`.${path.join(".")}`, "is no number of pods");
}
