import type { KubernetesObject } from "../kubernetes/object";
import { carriesPod, CONTAINER_ROLES, podTemplateOf } from "../kubernetes/pod-template";
import type {
  Container,
  ContainerRole,
  ContainerSlot,
  PodTemplate,
} from "../kubernetes/pod-template";
import type { ObjectNode, ResourceGraph } from "./graph";
import { groupBy } from "./group-by";
import { perGraph } from "./per-graph";
import { fieldOf, listAt, MalformedError, recordAt } from "./read";
import type { Fields, Path } from "./read";
import type { Subject } from "./rule";
import { isRecord } from "./shape";
import { guardUnknown } from "./unknown";

/** One object. Unknown values in it throw when they are read. */
export interface ObjectSubject extends Subject {
  readonly node: ObjectNode;
}

/** One pod, wherever it hides. */
export interface PodSubject extends ObjectSubject {
  readonly pod: PodTemplate;
}

/** One container of a pod: regular, init or ephemeral. */
export interface ContainerSubject extends PodSubject {
  readonly container: Container;
  readonly slot: ContainerSlot;
}

/** One element of a list inside an object: a rule of a Role, a peer, a volume. */
export interface ElementSubject extends ObjectSubject {
  readonly element: Fields;
}

/** Every object, also one that cannot be read: its subject says why, and hides no other. */
export const objects = perGraph((graph): readonly ObjectSubject[] => graph.objects.map(readObject));

const byKind = perGraph((graph) => groupBy(objects(graph), ({ node }) => node.object.kind));

/** Every object of a kind, whatever its API group. */
export function objectsOfKind(graph: ResourceGraph, kind: string): readonly ObjectSubject[] {
  return byKind(graph).get(kind) ?? [];
}

/** Every pod of the graph, tenants' and platform's. */
export const pods = perGraph((graph): readonly PodSubject[] =>
  objects(graph).flatMap((subject) => podSubject(subject) ?? []),
);

/** Every container of every pod. A pod that cannot be read stands for its containers. */
export const containers = perGraph((graph): readonly ContainerSubject[] =>
  pods(graph).flatMap((pod) =>
    pod.failure === undefined
      ? CONTAINER_ROLES.flatMap((role) => containersOfRole(pod, role))
      : [{ ...pod, container: {}, slot: NO_SLOT }],
  ),
);

/** Every pod and every container, for a rule that has something to say on both. */
export const podsAndContainers = perGraph(
  (graph): readonly (PodSubject & { readonly container?: Container })[] => [
    ...pods(graph),
    // A pod that cannot be read has been among the pods.
    ...containers(graph).filter(({ failure, slot }) => failure === undefined || slot !== NO_SLOT),
  ],
);

/**
 * The objects of a list, each a subject of its own, so that one that cannot be read hides no other.
 * The path goes from what the subject's field points at, which is `from`.
 */
export function elements(
  subject: ObjectSubject,
  from: unknown,
  ...path: Path
): readonly ElementSubject[] {
  if (subject.failure !== undefined) return [{ ...subject, element: {} }];
  const { scope, object, node } = subject;
  return eachOf(from, path, {
    found: (element, field) => ({ scope, object, node, field: subject.field + field, element }),
    failed: (failure) => ({ ...subject, element: {}, failure }),
  });
}

const NO_SLOT: ContainerSlot = { role: "containers", path: "", container: {} };

function containersOfRole(pod: PodSubject, role: ContainerRole): ContainerSubject[] {
  const { scope, object, node, pod: template } = pod;
  return eachOf<ContainerSubject>(template, ["spec", role], {
    found: (container, field) => {
      const path = pod.field === "" ? field.slice(1) : pod.field + field;
      const slot = { role, path, container };
      return { scope, object, node, pod: template, field: path, container, slot };
    },
    failed: (failure) => ({ ...pod, failure, container: {}, slot: { ...NO_SLOT, role } }),
  });
}

/** Looks up the objects of a list one by one. */
function eachOf<T>(
  from: unknown,
  path: Path,
  {
    found,
    failed,
  }: { found: (element: Fields, field: string) => T; failed: (failure: Error) => T },
): T[] {
  const results: T[] = [];
  try {
    const list = listAt(from, ...path);
    const place = list.length > 0 ? fieldOf(path) : "";
    for (let index = 0; index < list.length; index += 1) {
      try {
        const element = list[index];
        const field = `${place}[${index}]`;
        // Kubernetes reads a null in a list as an empty object; nobody means that.
        if (!isRecord(element)) throw new MalformedError(field, "is no object");
        results.push(found(element, field));
      } catch (failure) {
        results.push(failed(errorOf(failure)));
      }
    }
  } catch (failure) {
    results.push(failed(errorOf(failure)));
  }
  return results;
}

function readObject(node: ObjectNode): ObjectSubject {
  const { id, scope } = node;
  const subjectOf = (readable: ObjectNode) => ({ scope, object: id, field: "", node: readable });
  try {
    const object = guardUnknown(node.object);
    if (!isRecord(object)) throw new MalformedError("", "is no object");
    if (typeof object.kind !== "string") throw new MalformedError(".kind", "is no text");
    return subjectOf(object === node.object ? node : { id, scope, object });
  } catch (failure) {
    return { ...subjectOf({ id, scope, object: UNREADABLE }), failure: errorOf(failure) };
  }
}

/** In the place of an object that cannot be read, so that nobody who looks at it stumbles. */
const UNREADABLE: KubernetesObject = { apiVersion: "", kind: "", metadata: { name: "" } };

/** The pod of an object, or undefined if it carries none. */
function podSubject(subject: ObjectSubject): PodSubject | undefined {
  const { object } = subject.node;
  const unreadable = (failure: Error) => ({ ...subject, pod: NO_POD, failure });
  if (subject.failure !== undefined) return unreadable(subject.failure);
  if (object.kind.endsWith("List") && Object.hasOwn(object, "items")) {
    return unreadable(new MalformedError(".items", "is a list that nobody expanded"));
  }
  if (!carriesPod(object.kind)) return undefined;
  try {
    // An Argo Rollout may point at a Deployment, which is an object of its own.
    if (object.kind === "Rollout" && recordAt(object, "spec", "workloadRef")) return undefined;
    const pod = podTemplateOf(object);
    if (pod === undefined) throw new MalformedError("", "carries no pod");
    return { ...subject, field: pod.path, pod };
  } catch (failure) {
    return unreadable(errorOf(failure));
  }
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new TypeError("the object cannot be read");
}

const NO_POD: PodTemplate = { path: "", metadata: {}, spec: {} };
