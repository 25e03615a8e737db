import type { KubernetesObject } from "../../kubernetes/object";
import { carriesPod, podTemplateOf } from "../../kubernetes/pod-template";
import type { PodTemplate } from "../../kubernetes/pod-template";
import { errorOf, MalformedError, recordAt } from "../reading/read";
import { isRecord } from "../reading/shape";
import { guardUnknown } from "../reading/unknown";
import type { ObjectNode } from "./graph";
import { isTracked, MadeOnce, noteKind } from "./reads";
import type { Subject } from "./subject";

/** One object. Unknown values in it throw when they are read. */
export interface ObjectSubject extends Subject {
  readonly node: ObjectNode;
  /** Where it lives. A Namespace's home is the one it makes. */
  readonly home: Home;
}

/** One pod, wherever it hides. */
export interface PodSubject extends ObjectSubject {
  readonly pod: PodTemplate;
}

/**
 * A namespace of one cluster, as the rules see it: whose it is, its Namespace, and what says that it
 * lives there. What is cluster-scoped, and what names no namespace, shares a home of its own.
 */
export class Home {
  /** The tenant that owns it; undefined if the graph has no such Namespace of a tenant. */
  owner: string | undefined = undefined;
  readonly #kinds = new Map<string | undefined, Alike>();
  readonly #made = new MadeOnce<Home>(this);

  constructor(
    readonly cluster: string,
    /** Undefined for the home of what names no namespace. */
    readonly namespace: string | undefined,
    /** Whether no value of an object is unknown. */
    private readonly plain = false,
  ) {}

  /** @param kind undefined if the object has none that can be read. */
  add(node: ObjectNode, kind: string | undefined): void {
    const alike = this.#kinds.get(kind);
    if (alike) alike.nodes.push(node);
    else this.#kinds.set(kind, { nodes: [node], subjects: undefined });
  }

  /** Takes an object out again. What was made of it has to be forgotten by {@link forget}. */
  remove(node: ObjectNode, kind: string | undefined): void {
    const alike = this.#kinds.get(kind);
    if (alike === undefined) return;
    alike.nodes = alike.nodes.filter((other) => other !== node);
    if (alike.nodes.length === 0) this.#kinds.delete(kind);
  }

  /** Forgets what was made of objects of some kinds. */
  forget(kinds: ReadonlySet<string | undefined>): void {
    for (const kind of kinds) {
      const alike = this.#kinds.get(kind);
      if (alike) alike.subjects = undefined;
    }
    this.#made.forget(({ reads }) => reads === undefined || reads.has(this, kinds));
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  /** Its objects of a kind, whatever API group the kind is of. */
  ofKind(kind: string | undefined): readonly ObjectSubject[] {
    noteKind(this, kind);
    const alike = this.#kinds.get(kind);
    if (alike === undefined) return NONE;
    return (alike.subjects ??= alike.nodes.map((node) => readObject(node, this, this.plain)));
  }

  /** The kinds of its objects. */
  get kinds(): readonly (string | undefined)[] {
    noteKind(this, ANY);
    return [...this.#kinds.keys()];
  }

  /** What a function makes of this home, and of nothing else; made once. */
  derive<T extends object>(make: (home: Home) => T): T {
    const { value, reads } = this.#made.by(make);
    if (isTracked()) for (const kind of reads?.kinds.get(this) ?? [ANY]) noteKind(this, kind);
    return value;
  }
}

/** Objects of one kind, and what was read of them. */
interface Alike {
  nodes: ObjectNode[];
  subjects: readonly ObjectSubject[] | undefined;
}

/** Stands for every kind. No object is of a kind with a blank in its name. */
export const ANY = "any kind";

const NONE: readonly ObjectSubject[] = [];

/** A look-up that several rules share, computed once for each namespace. */
export function perHome<T extends object>(compute: (home: Home) => T): (home: Home) => T {
  return (home) => home.derive(compute);
}

/** Every object of a home, also one that cannot be read: its subject says why, and hides no other. */
export const objectsIn = perHome((home) => home.kinds.flatMap((kind) => home.ofKind(kind)));

/** Every pod in a home, whoever brought it and whatever carries it. */
export const podsIn = perHome((home) =>
  objectsIn(home).flatMap((subject) => podSubject(subject) ?? []),
);

function readObject(node: ObjectNode, home: Home, plain: boolean): ObjectSubject {
  const { id, scope } = node;
  try {
    const object = plain ? node.object : guardUnknown(node.object);
    if (!isRecord(object)) throw new MalformedError("", "is no object");
    if (typeof object.kind !== "string") throw new MalformedError(".kind", "is no text");
    const readable = object === node.object ? node : { ...node, object };
    return { scope, object: id, field: "", node: readable, home };
  } catch (failure) {
    const unreadable = { ...node, object: UNREADABLE };
    return { scope, object: id, field: "", node: unreadable, home, failure: errorOf(failure) };
  }
}

/** In the place of an object that cannot be read, so that nobody who looks at it stumbles. */
const UNREADABLE: KubernetesObject = { apiVersion: "", kind: "", metadata: { name: "" } };

/** The pod of an object, or undefined if it carries none. */
function podSubject(subject: ObjectSubject): PodSubject | undefined {
  const { object } = subject.node;
  const unreadable = (failure: Error) => ({ ...subject, pod: NO_POD, failure });
  if (subject.failure !== undefined) return unreadable(subject.failure);
  if (Object.hasOwn(object, "items")) {
    return unreadable(new MalformedError(".items", "is a list that nobody expanded"));
  }
  if (!carriesPod(object.kind)) return undefined;
  try {
    // An Argo Rollout may point at a Deployment, which is an object of its own.
    if (object.kind === "Rollout" && recordAt(object, "spec", "workloadRef")) return undefined;
    const pod = podTemplateOf(object);
    if (pod === undefined) throw new MalformedError("", "carries no pod");
    const { scope, object: id, node, home } = subject;
    return { scope, object: id, field: pod.path, node, home, pod };
  } catch (failure) {
    return unreadable(errorOf(failure));
  }
}

const NO_POD: PodTemplate = { path: "", metadata: {}, spec: {} };
