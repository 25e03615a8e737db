import type { KubernetesObject } from "../kubernetes/object";
import { carriesPod, CONTAINER_ROLES, podTemplateOf } from "../kubernetes/pod-template";
import type {
  Container,
  ContainerRole,
  ContainerSlot,
  PodTemplate,
} from "../kubernetes/pod-template";
import type { ObjectNode, ResourceGraph } from "./graph";
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
export const objects = perGraph((graph): readonly ObjectSubject[] =>
  graph.objects.map(objectSubject),
);

/** Every object of a kind, whatever its API group. */
export function* objectsOfKind(graph: ResourceGraph, kind: string): Iterable<ObjectSubject> {
  for (const node of graph.ofKind(kind)) yield objectSubject(node);
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
export function* podsAndContainers(
  graph: ResourceGraph,
): Iterable<PodSubject & { readonly container?: Container }> {
  yield* pods(graph);
  for (const subject of containers(graph)) {
    // A pod that cannot be read has been among the pods.
    if (subject.failure === undefined || subject.slot !== NO_SLOT) yield subject;
  }
}

/**
 * The objects of a list, each a subject of its own, so that one that cannot be read hides no other.
 * The path goes from what the subject's field points at, which is `from`.
 */
export function elements<S extends ObjectSubject>(
  subject: S,
  from: unknown,
  ...path: Path
): readonly (S & ElementSubject)[] {
  if (subject.failure !== undefined) return [{ ...subject, element: {} }];
  return eachOf(from, path, {
    found: (element, field) => ({ ...subject, field: subject.field + field, element }),
    failed: (failure) => ({ ...subject, element: {}, failure }),
  });
}

const NO_SLOT: ContainerSlot = { role: "containers", path: "", container: {} };

function containersOfRole(pod: PodSubject, role: ContainerRole): ContainerSubject[] {
  return eachOf<ContainerSubject>(pod.pod, ["spec", role], {
    found: (container, field) => {
      const path = (pod.field + field).replace(/^\./, "");
      return { ...pod, field: path, container, slot: { role, path, container } };
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
    for (const index of listAt(from, ...path).keys()) {
      try {
        const element = recordAt(from, ...path, index);
        const field = fieldOf([...path, index]);
        // Kubernetes reads a null in a list as an empty object; nobody means that.
        if (element === undefined) throw new MalformedError(field, "is no object");
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

const subjectsOfNodes = new WeakMap<ObjectNode, ObjectSubject>();

/** The subject of a node; the same one for every rule, so that its unknowns are looked for once. */
export function objectSubject(node: ObjectNode): ObjectSubject {
  let subject = subjectsOfNodes.get(node);
  if (!subject) subjectsOfNodes.set(node, (subject = readObject(node)));
  return subject;
}

function readObject(node: ObjectNode): ObjectSubject {
  const { id, scope } = node;
  const subject = { scope, object: id, field: "" };
  try {
    const object = guardUnknown(node.object);
    if (!isRecord(object)) throw new MalformedError("", "is no object");
    if (typeof object.kind !== "string") throw new MalformedError(".kind", "is no text");
    return { ...subject, node: object === node.object ? node : { id, scope, object } };
  } catch (failure) {
    return { ...subject, node: { id, scope, object: UNREADABLE }, failure: errorOf(failure) };
  }
}

/** In the place of an object that cannot be read, so that nobody who looks at it stumbles. */
const UNREADABLE: KubernetesObject = { apiVersion: "", kind: "", metadata: { name: "" } };

/** The pod of an object, or undefined if it carries none. */
function podSubject(subject: ObjectSubject): PodSubject | undefined {
  const { object } = subject.node;
  const unreadable = { ...subject, pod: NO_POD };
  if (subject.failure !== undefined) return unreadable;
  if (object.kind.endsWith("List") && Object.hasOwn(object, "items")) {
    const failure = new MalformedError(".items", "is a list that nobody expanded");
    return { ...unreadable, failure };
  }
  if (!carriesPod(object.kind)) return undefined;
  try {
    // An Argo Rollout may point at a Deployment, which is an object of its own.
    if (object.kind === "Rollout" && recordAt(object, "spec", "workloadRef")) return undefined;
    const pod = podTemplateOf(object);
    if (pod === undefined) throw new MalformedError("", "carries no pod");
    return { ...subject, field: pod.path, pod };
  } catch (failure) {
    return { ...unreadable, failure: errorOf(failure) };
  }
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new TypeError("the object cannot be read");
}

const NO_POD: PodTemplate = { path: "", metadata: {}, spec: {} };
