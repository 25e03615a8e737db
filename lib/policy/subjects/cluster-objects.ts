import { groupBy } from "../../support/group-by";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { maybeOfGroup } from "./candidates";
import { nameOf, objectsOfKind } from "./subjects";
import type { ObjectSubject } from "./subjects";

/** The cluster-scoped objects of a kind, looked up once a graph. */
export interface ClusterObjects {
  readonly all: (graph: ResourceGraph) => readonly ObjectSubject[];
  /** Those that bear a name on a cluster. Where there are several, any may be the one that the cluster has. */
  readonly named: (
    graph: ResourceGraph,
    cluster: string,
    name: unknown,
  ) => readonly ObjectSubject[];
}

/**
 * Looks up cluster-scoped objects. What another API group calls so is none of them; one whose group
 * cannot be read may be, and whoever relies on it has to ask `isOfGroup`, which throws.
 *
 * @param group API group, empty for the core.
 */
export function clusterObjects(kind: string, group: string): ClusterObjects {
  const all = perGraph((graph) =>
    objectsOfKind(graph, kind).filter((one) => maybeOfGroup(one, group)),
  );
  const byName = perGraph((graph) =>
    groupBy(all(graph), (one) => nameKey(one.scope.cluster, nameOf(one))),
  );
  return {
    all,
    named: (graph, cluster, name) => byName(graph).get(nameKey(cluster, name)) ?? NONE,
  };
}

const NONE: readonly ObjectSubject[] = [];

/** A name on a cluster as the key of a map; what is no text, or not known, is a name of its own. */
export function nameKey(cluster: string, name: unknown): string {
  return JSON.stringify([cluster, name ?? null]);
}
