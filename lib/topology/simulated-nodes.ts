import type { SimulatedSource, Topology, TopologyNode } from "./topology";

/** The nodes of a simulated cluster: `<cluster>-master-1`, `<cluster>-worker-1` and so on, without addresses. */
export function simulatedTopology(
  { simulate: { masters, workers } }: SimulatedSource,
  { cluster, region }: { readonly cluster: string; readonly region: string },
): Topology {
  return {
    version: 1,
    cluster,
    region,
    source: { kind: "simulated", detail: `${masters} masters, ${workers} workers` },
    masters: numbered(`${cluster}-master`, masters),
    workers: numbered(`${cluster}-worker`, workers),
  };
}

function numbered(prefix: string, count: number): TopologyNode[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${prefix}-${index + 1}`,
    from: "simulated",
  }));
}
