import type { ResourceGraph } from "./graph";

/**
 * A look-up that many rules share, computed once for each graph. Sound because a graph is read-only;
 * it lives as long as its graph.
 */
export function perGraph<T>(compute: (graph: ResourceGraph) => T): (graph: ResourceGraph) => T {
  return (graph) => graph.derive(compute);
}
