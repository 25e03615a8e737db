import { apiGroup } from "../kubernetes/kinds";
import type { ResourceGraph } from "./graph";
import { perGraph } from "./per-graph";
import { recordOf } from "./shape";

/** What is called by a name inside its namespace. */
export interface NamedObject {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  /** API group, empty for the core; another group may well have a kind of the same name. */
  readonly group: string;
  readonly name: string;
}

/** Whether the graph holds such an object. One whose name is not known yet is called by none. */
export function isInGraph(graph: ResourceGraph, wanted: NamedObject): boolean {
  const { cluster, namespace, kind, group, name } = wanted;
  const kinds = namesByKind(graph);
  const key = `${group}/${kind}`;
  let names = kinds.get(key);
  if (!names) kinds.set(key, (names = namesOf(graph, kind, group)));
  return names.get(cluster)?.get(namespace)?.has(name) ?? false;
}

/** By cluster and namespace. */
type Names = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** For the kinds that were asked for. */
const namesByKind = perGraph(() => new Map<string, Names>());

function namesOf(graph: ResourceGraph, kind: string, group: string): Names {
  const clusters = new Map<string, Map<string, Set<string>>>();
  for (const { scope, object } of graph.ofKind(kind)) {
    const version: unknown = object.apiVersion;
    const { namespace, name } = recordOf(object.metadata);
    if (typeof version !== "string" || apiGroup(version) !== group) continue;
    if (typeof namespace !== "string" || typeof name !== "string") continue;
    entry(entry(clusters, scope.cluster, newMap), namespace, newSet).add(name);
  }
  return clusters;
}

const newMap = () => new Map<string, Set<string>>();
const newSet = () => new Set<string>();

/** What a map has for a key; made where there is nothing yet. */
function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
