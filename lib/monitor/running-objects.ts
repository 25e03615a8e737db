import type { KubernetesObject } from "../kubernetes/object";
import { carriesPod } from "../kubernetes/pod-template";
import { isRecord, listOf, recordOf } from "../policy/reading/shape";
import { isCopyOf, shapeOf } from "./pod-copy";
import type { LiveObject } from "./read-object";

/** An object to judge, and what to call it where its own name would be another tomorrow. */
export interface RunningObject {
  readonly object: KubernetesObject;
  /** `Deployment tenant-acme/api, as it runs` */
  readonly id?: string;
}

/**
 * What is to be judged of a cluster's objects: everything, but a pod, ReplicaSet or Job that carries just
 * what its owner's template says only once, as the owner's. One that carries something else runs all the
 * same: a sidecar that a webhook added, a container for debugging, the revision before. It is judged
 * under its owner's name, one of each shape.
 */
export function runningObjects(objects: readonly LiveObject[]): RunningObject[] {
  const workloads = new Map(
    objects.filter(({ kind }) => carriesPod(kind)).map((object) => [object.metadata.uid, object]),
  );
  const shapes = new Set<string>();
  return byName(objects).flatMap((object): RunningObject[] => {
    const owner = carriesPod(object.kind) ? ownerOf(object, workloads) : undefined;
    if (owner === undefined) return [{ object }];
    if (hasEnded(object) || isCopyOf(object, owner)) return [];
    const id = `${idOf(rootOf(owner, workloads))}, as it runs`;
    const shape = `${id}\n${object.kind}\n${shapeOf(object)}`;
    if (shapes.has(shape)) return [];
    shapes.add(shape);
    return [{ object, id }];
  });
}

/** The object of the scan that made this one. One of another namespace made nothing here. */
function ownerOf(
  { metadata }: LiveObject,
  workloads: ReadonlyMap<string, LiveObject>,
): LiveObject | undefined {
  const controller = listOf((metadata as { ownerReferences?: unknown }).ownerReferences)
    .filter(isRecord)
    .find((owner) => owner["controller"] === true);
  const owner = workloads.get(String(controller?.["uid"]));
  return owner?.metadata.namespace === metadata.namespace ? owner : undefined;
}

/** The Deployment of a ReplicaSet's pod, the CronJob of a Job's. */
function rootOf(object: LiveObject, workloads: ReadonlyMap<string, LiveObject>): LiveObject {
  const seen = new Set<LiveObject>();
  let root = object;
  for (;;) {
    seen.add(root);
    const owner = ownerOf(root, workloads);
    if (owner === undefined || seen.has(owner)) return root;
    root = owner;
  }
}

/** A ReplicaSet of an earlier revision is kept at none, and a Job or pod that is over runs no more. */
function hasEnded({ kind, spec, status }: LiveObject): boolean {
  if (kind === "ReplicaSet") return recordOf(spec)["replicas"] === 0;
  if (kind === "Pod") return ["Succeeded", "Failed"].includes(String(recordOf(status)["phase"]));
  return kind === "Job" && recordOf(status)["completionTime"] !== undefined;
}

function idOf({ kind, metadata }: LiveObject): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

/** Which one of several stands for its shape does not change from scan to scan. */
function byName(objects: readonly LiveObject[]): readonly LiveObject[] {
  const key = ({ kind, metadata }: LiveObject) =>
    `${kind}\n${metadata.namespace ?? ""}\n${metadata.name}`;
  return objects
    .map((object) => ({ object, key: key(object) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ object }) => object);
}
