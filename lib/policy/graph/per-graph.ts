import type { ResourceGraph } from "./graph";

/**
 * A look-up that many rules share, computed once for each graph. It lives as long as its graph, or
 * until something that it has read changes.
 */
export function perGraph<T>(compute: (graph: ResourceGraph) => T): (graph: ResourceGraph) => T {
  return (graph) => graph.derive(compute);
}
