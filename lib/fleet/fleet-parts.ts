import { UsageError } from "../support/problem";
import { unknownWord } from "../support/strict-schema";
import { tenantSecretPath } from "../vault/secret-path";
import type { Fleet } from "./schema";

export type FleetRegion = Fleet["regions"][number];
export type FleetCluster = Fleet["clusters"][number];
export type FleetTenant = Fleet["tenants"][number];

/**
 * A region with its one cluster.
 *
 * @throws UsageError if the fleet has no such region.
 */
export function regionWithCluster(
  { regions, clusters }: Fleet,
  name: string,
): { readonly region: FleetRegion; readonly cluster: FleetCluster } {
  const region = regions.find((candidate) => candidate.name === name);
  const cluster = clusters.find((candidate) => candidate.region === name);
  if (region !== undefined && cluster !== undefined) return { region, cluster };
  throw unknown("region", name, regions);
}

/** The tenants that are placed in a region. */
export function tenantsIn({ tenants }: Fleet, region: string): readonly FleetTenant[] {
  return tenants.filter(({ regions }) => regions.includes(region));
}

/**
 * A tenant that is placed in a region.
 *
 * @throws UsageError if the fleet has no such tenant there.
 */
export function tenantIn(fleet: Fleet, name: string, region: string): FleetTenant {
  const placed = tenantsIn(fleet, region);
  const tenant = placed.find((candidate) => candidate.name === name);
  if (tenant !== undefined) return tenant;
  throw unknown("tenant", name, placed);
}

/** The paths below the mount that the tenants of a region opted into. */
export function secretPathsIn(fleet: Fleet, region: string): readonly string[] {
  return tenantsIn(fleet, region).flatMap(({ name, secrets = [] }) =>
    secrets.map((secret) => tenantSecretPath(name, secret)),
  );
}

/** The mount of a cluster's replica: clusters may share a secondary. */
export function replicaMount(fleet: Fleet, cluster: FleetCluster): string {
  return `${fleet.vault.mount}-${cluster.name}`;
}

function unknown(what: string, name: string, known: readonly { name: string }[]): UsageError {
  const names = known.map((part) => part.name);
  return new UsageError("choice", [{ path: what, message: unknownWord(what, name, names) }]);
}
