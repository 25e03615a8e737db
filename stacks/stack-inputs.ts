import type { Signing } from "../components/mirror-reference";
import type { Fleet } from "../lib/fleet/schema";
import type { ImageLock } from "../lib/registry/mirror/image";
import type { UpstreamKeys } from "../lib/registry/mirror/plan";
import { UsageError } from "../lib/support/problem";
import type { ReplicaRecord } from "../lib/vault/replica-signature";

/** All that a stack's program is made from. Two equal inputs give equal stacks. */
export interface StackInputs {
  readonly fleet: Fleet;
  /** Folder that the fleet file's paths are relative to. */
  readonly folder: string;
  readonly images: ImageLock;
  readonly signing: Signing;
  /** @default - no image has to be signed at its source */
  readonly upstreamKeys?: UpstreamKeys;
  /** Whether `SIMULATION_MODE` asks for a simulation: a preview runs, an update does not. @default false */
  readonly simulated?: boolean;
  /** What the signatures of the replicated secrets say. @default - nothing is known of them */
  readonly replicas?: readonly ReplicaRecord[];
}

export type ClusterDeclaration = Fleet["clusters"][number];
export type RegionDeclaration = Fleet["regions"][number];
export type TenantDeclaration = Fleet["tenants"][number];

/**
 * A region with its one cluster.
 *
 * @throws UsageError if the fleet has no such region.
 */
export function regionOf(
  fleet: Fleet,
  name: string,
): { region: RegionDeclaration; cluster: ClusterDeclaration } {
  const region = fleet.regions.find((candidate) => candidate.name === name);
  const cluster = fleet.clusters.find((candidate) => candidate.region === name);
  if (region && cluster) return { region, cluster };
  throw unknownPart("region", name, fleet.regions);
}

/**
 * A tenant that is placed in a region.
 *
 * @throws UsageError if the fleet has no such tenant there.
 */
export function tenantOf(fleet: Fleet, name: string, region: string): TenantDeclaration {
  const placed = fleet.tenants.filter(({ regions }) => regions.includes(region));
  const tenant = placed.find((candidate) => candidate.name === name);
  if (tenant) return tenant;
  throw unknownPart(`tenant in ${region}`, name, placed);
}

/** The secrets that each tenant of a region opted into. */
export function secretsIn(fleet: Fleet, region: string): Record<string, readonly string[]> {
  return Object.fromEntries(
    fleet.tenants
      .filter(({ regions }) => regions.includes(region))
      .map(({ name, secrets = [] }) => [name, secrets]),
  );
}

function unknownPart(what: string, name: string, known: readonly { name: string }[]): UsageError {
  const names = known.map((part) => part.name).join(", ") || "none";
  return new UsageError("stack", [
    { path: what, message: `'${name}' is not in the fleet file, which has: ${names}` },
  ]);
}
