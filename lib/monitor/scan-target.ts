import { tenantsIn } from "../fleet/fleet-parts";
import type { FleetCluster } from "../fleet/fleet-parts";
import type { Fleet } from "../fleet/schema";
import { UsageError } from "../support/problem";
import { unknownWord } from "../support/strict-schema";

/** One cluster to scan. */
export interface ScanTarget {
  /** Its name in the reports. */
  readonly cluster: string;
  /** Undefined for the current context. */
  readonly context: string | undefined;
  /** The tenants that a fleet places on it; undefined without a fleet. */
  readonly tenants?: readonly string[];
}

/** What somebody chose. */
export interface ScanChoice {
  readonly cluster?: string | undefined;
  readonly context?: string | undefined;
}

/**
 * The clusters to scan: one, by a context, or all of a fleet. A fleet's cluster that has no context cannot be
 * seen, so that it has to be left out by naming another.
 *
 * @throws UsageError
 */
export function scanTargets(choice: ScanChoice, fleet?: Fleet): readonly ScanTarget[] {
  if (fleet === undefined) {
    return [{ cluster: choice.cluster ?? "default", context: choice.context }];
  }
  return chosenClusters(choice, fleet).map((cluster) => ({
    cluster: cluster.name,
    context: choice.context ?? contextOf(cluster) ?? refuse(cluster),
    tenants: tenantsIn(fleet, cluster.region).map(({ name }) => name),
  }));
}

function chosenClusters(
  { cluster, context }: ScanChoice,
  { clusters }: Fleet,
): readonly FleetCluster[] {
  if (cluster !== undefined) {
    const found = clusters.filter(({ name }) => name === cluster);
    if (found.length > 0) return found;
    const names = clusters.map(({ name }) => name);
    throw refusal("--cluster", unknownWord("cluster", cluster, names));
  }
  if (context === undefined) return clusters;
  const named = clusters.filter((candidate) => contextOf(candidate) === context);
  if (named.length === 1) return named;
  if (clusters.length === 1) return clusters;
  throw refusal(
    "--context",
    "is not the context of one cluster of the fleet",
    "name the cluster with --cluster",
  );
}

function contextOf({ source }: FleetCluster): string | undefined {
  return "context" in source ? source.context : undefined;
}

function refuse({ name }: FleetCluster): never {
  throw refusal(
    name,
    "the fleet names no kube context for this cluster",
    "name one with --context, or other clusters with --cluster",
  );
}

function refusal(path: string, message: string, mend?: string): UsageError {
  return new UsageError("clusters to scan", [
    mend === undefined ? { path, message } : { path, message, mend },
  ]);
}
