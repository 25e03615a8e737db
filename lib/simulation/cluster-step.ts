import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Fleet } from "../fleet/schema";
import { UsageError } from "../support/problem";
import { planBootstrap } from "../topology/bootstrap";
import { discoverTopology, discoverTopologyFromContext } from "../topology/discover";
import type { ClusterReport } from "../report/cluster-report";
import type { StepContext, StepReport } from "./step";

const SIMULATED = { simulate: { masters: 1, workers: 2 } } as const;

export interface ClusterStepResult {
  readonly clusters: readonly ClusterReport[];
  /** The fleet with every source that could be had; the others are simulated. */
  readonly fleet: Fleet;
}

/** Finds each cluster's nodes. A context or inventory that is not there gives simulated nodes. */
export async function bootstrapClusters(
  fleet: Fleet,
  folder: string,
  { progress }: StepContext,
): Promise<StepReport<ClusterStepResult>> {
  const clusters: ClusterReport[] = [];
  for (const cluster of fleet.clusters) {
    const found = await findCluster(cluster, folder);
    clusters.push(found);
    const { masters, workers } = found.topology;
    progress(`${cluster.name}: ${masters.length} masters, ${workers.length} workers`);
  }
  const missing = clusters.filter(({ note }) => note !== undefined);
  return {
    result: {
      clusters,
      fleet: {
        ...fleet,
        clusters: fleet.clusters.map((cluster, index) => ({
          ...cluster,
          source: clusters[index]!.source,
        })),
      },
    },
    outcome: missing.length > 0 ? "warning" : "ok",
    summary: [
      `${clusters.length} clusters, ${nodeCount(clusters)} nodes`,
      ...missing.map(({ note }) => note),
    ].join("; "),
  };
}

export async function findCluster(
  { name, region, source }: Fleet["clusters"][number],
  folder: string,
): Promise<ClusterReport> {
  const place = { cluster: name, region, baseDir: folder };
  const simulated = (note: string): ClusterReport => ({
    source: SIMULATED,
    topology: discoverTopology(SIMULATED, place),
    note,
  });
  if ("context" in source) {
    try {
      return { source, topology: await discoverTopologyFromContext(source, place) };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return simulated(`${name}: kube context '${source.context}' not found, nodes are simulated`);
    }
  }
  if ("inventory" in source && !existsSync(resolve(folder, source.inventory))) {
    return simulated(`${name}: inventory '${source.inventory}' not found, nodes are simulated`);
  }
  const topology = discoverTopology(source, place);
  return "inventory" in source
    ? { source, topology, bootstrap: planBootstrap(topology) }
    : { source, topology };
}

function nodeCount(clusters: readonly ClusterReport[]): number {
  return clusters.reduce(
    (sum, { topology }) => sum + topology.masters.length + topology.workers.length,
    0,
  );
}
