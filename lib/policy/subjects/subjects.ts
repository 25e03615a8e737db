import { CONTAINER_ROLES } from "../../kubernetes/pod-template";
import type { Container, ContainerRole, ContainerSlot } from "../../kubernetes/pod-template";
import type { ResourceGraph } from "../graph/graph";
import { Home, objectsIn, podsIn } from "../graph/home";
import type { ObjectSubject, PodSubject } from "../graph/home";
import { homes } from "../graph/homes";
import { errorOf, fieldOf, listAt, MalformedError, valueAt } from "../reading/read";
import type { Fields, Path } from "../reading/read";
import { isRecord } from "../reading/shape";

export type { ObjectSubject, PodSubject } from "../graph/home";

/** One container of a pod: regular, init or ephemeral. */
export interface ContainerSubject extends PodSubject {
  readonly container: Container;
  readonly slot: ContainerSlot;
}

/** One element of a list inside an object: a rule of a Role, a peer, a volume. */
export interface ElementSubject extends ObjectSubject {
  readonly element: Fields;
}

/** Where subjects are looked up: in one namespace, or in all of them. */
export type Part = Home | ResourceGraph;

/** A look-up in one namespace, made once, that over a graph gives what it finds in all. */
export function listed<T>(find: (home: Home) => readonly T[]): (part: Part) => readonly T[] {
  return (part) =>
    part instanceof Home ? part.derive(find) : homes(part).all.flatMap((home) => home.derive(find));
}

/** Every object, also one that cannot be read: its subject says why, and hides no other. */
export const objects = listed(objectsIn);

/** Every object of a kind, whatever its API group. */
export function objectsOfKind(part: Part, kind: string): readonly ObjectSubject[] {
  if (part instanceof Home) return part.ofKind(kind);
  return homes(part).all.flatMap((home) => home.ofKind(kind));
}

/** Every pod, tenants' and platform's. */
export const pods = listed(podsIn);

/** Every container of every pod. A pod that cannot be read stands for its containers. */
export const containers = listed((home): readonly ContainerSubject[] =>
  podsIn(home).flatMap((pod) =>
    pod.failure === undefined
      ? CONTAINER_ROLES.flatMap((role) => eachOf(pod, pod.pod, ["spec", role], CONTAINER[role]))
      : [{ ...pod, container: {}, slot: NO_SLOT }],
  ),
);

/** Every pod and every container, for a rule that has something to say on both. */
export const podsAndContainers = listed(
  (home): readonly (PodSubject & { readonly container?: Container })[] => [
    ...podsIn(home),
    // A pod that cannot be read has been among the pods.
    ...containers(home).filter(({ failure, slot }) => failure === undefined || slot !== NO_SLOT),
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
  return eachOf(subject, from, path, ELEMENT);
}

const ELEMENT: Making<ObjectSubject, ElementSubject> = {
  found({ scope, object, field, node, home }, element, place) {
    return { scope, object, field: field + place, node, home, element };
  },
  failed: (subject, failure) => ({ ...subject, element: {}, failure }),
};

const NO_SLOT: ContainerSlot = { role: "containers", path: "", container: {} };

const CONTAINER = {
  initContainers: containerOf("initContainers"),
  containers: containerOf("containers"),
  ephemeralContainers: containerOf("ephemeralContainers"),
};

function containerOf(role: ContainerRole): Making<PodSubject, ContainerSubject> {
  return {
    found({ scope, object, field, node, home, pod }, container, place) {
      const path = field === "" ? place.slice(1) : field + place;
      const slot = { role, path, container };
      return { scope, object, field: path, node, home, pod, container, slot };
    },
    failed(pod, failure) {
      return { ...pod, failure, container: {}, slot: { ...NO_SLOT, role } };
    },
  };
}

/** Makes a subject of an element of a list, or of what cannot be read. */
interface Making<Of, T> {
  readonly found: (of: Of, element: Fields, place: string) => T;
  readonly failed: (of: Of, failure: Error) => T;
}

/** Looks up the objects of a list one by one. */
function eachOf<Of, T>(
  of: Of,
  from: unknown,
  path: Path,
  { found, failed }: Making<Of, T>,
): readonly T[] {
  const results: T[] = [];
  try {
    const list = listAt(from, ...path);
    if (list.length === 0) return results;
    const place = fieldOf(path);
    for (let index = 0; index < list.length; index += 1) {
      try {
        const element = list[index];
        const at = `${place}[${index}]`;
        // Kubernetes reads a null in a list as an empty object; nobody means that.
        if (!isRecord(element)) throw new MalformedError(at, "is no object");
        results.push(found(of, element, at));
      } catch (failure) {
        results.push(failed(of, errorOf(failure)));
      }
    }
  } catch (failure) {
    results.push(failed(of, errorOf(failure)));
  }
  return results;
}

/** The name of an object, as far as it can be read: it hides no other object. */
export function nameOf({ node }: ObjectSubject): string | undefined {
  return textOf(node.object, "metadata", "name");
}

/** The apiVersion of an object, as far as it can be read. */
export function versionOf({ node }: ObjectSubject): string | undefined {
  return textOf(node.object, "apiVersion");
}

function textOf(object: unknown, ...path: Path): string | undefined {
  try {
    const value = valueAt(object, ...path);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
