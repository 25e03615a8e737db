import { apiGroup } from "../kubernetes/kinds";
import { namespaceKey } from "./graph";
import type { ResourceGraph } from "./graph";
import { groupBy } from "./group-by";
import { perGraph } from "./per-graph";
import { MalformedError, valueAt } from "./read";
import { objectsOfKind } from "./subjects";
import type { ObjectSubject } from "./subjects";
import { namespaceOf } from "./tenant-namespaces";
import { UndecidedError } from "./unknown";

/** The objects of a kind in one namespace, of which some have to be what a rule asks for. */
export function candidatesIn(
  graph: ResourceGraph,
  cluster: string,
  namespace: string,
  kind: string,
): readonly ObjectSubject[] {
  const kinds = homesByKind(graph);
  let homes = kinds.get(kind);
  if (!homes) kinds.set(kind, (homes = groupBy(objectsOfKind(graph, kind), homeOf)));
  return homes.get(namespaceKey(cluster, namespace)) ?? [];
}

/** Those of a kind by their namespace, for the kinds that were asked for. */
const homesByKind = perGraph(() => new Map<string, ReadonlyMap<unknown, ObjectSubject[]>>());

function homeOf(subject: ObjectSubject): string | undefined {
  const namespace = namespaceOf(subject);
  return namespace === undefined ? undefined : namespaceKey(subject.scope.cluster, namespace);
}

/**
 * Whether some candidate is what is asked for. One that cannot be read counts neither as a yes nor
 * as a no, unless another is a yes.
 *
 * @throws UndecidedError if none is a yes and one cannot be read.
 */
export function someOf<S extends ObjectSubject>(
  candidates: readonly S[],
  is: (candidate: S) => boolean,
): boolean {
  let failure: UndecidedError | undefined;
  for (const candidate of candidates) {
    try {
      if (candidate.failure !== undefined) throw candidate.failure;
      if (is(candidate)) return true;
    } catch (error) {
      failure = undecidedBy(candidate, error);
    }
  }
  if (failure !== undefined) throw failure;
  return false;
}

/** What to throw where a decision on one object hangs on another one that cannot be read. */
export function undecidedBy(other: ObjectSubject, error: unknown): UndecidedError {
  const isRead = error instanceof UndecidedError || error instanceof MalformedError;
  const field = isRead ? error.field.replace(/^\./, "") : "";
  return new UndecidedError("", `${field === "" ? "form" : field} of ${other.object} is not known`);
}

/** Whether an object is of an API group; another group may well have a kind of the same name. */
export function isOfGroup({ node }: ObjectSubject, group: string): boolean {
  const version = valueAt(node.object, "apiVersion");
  return typeof version === "string" && apiGroup(version) === group;
}
