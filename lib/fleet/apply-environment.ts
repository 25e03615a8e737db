import { UsageError } from "../support/problem";
import { unknownWord } from "../support/strict-schema";
import type { Environment, Variable } from "./environment";
import type { Fleet } from "./schema";

/** That a variable stands in for what the fleet file says. Never the value. */
export interface Override {
  readonly variable: Variable;
  /** Field of the fleet that it sets: `registry.target`. */
  readonly path: string;
}

/**
 * The fleet with what the environment says instead of the file. SELFHOST_REGION narrows it to one
 * region, and tenants that are not placed there drop out; K8S_CONTEXT, or else ANSIBLE_INVENTORY, is
 * the source of that region's cluster, or of the first region's.
 *
 * @throws UsageError for a region that the fleet does not have.
 */
export function applyEnvironment(fleet: Fleet, environment: Environment): Fleet {
  const narrowed = narrow(fleet, environment.SELFHOST_REGION);
  const { ATOM_VERSION, LOCAL_REGISTRY_URL, COSIGN_KEY_PATH } = environment;
  return {
    ...narrowed,
    release: ATOM_VERSION ?? narrowed.release,
    clusters: withSource(narrowed, environment),
    registry: { target: LOCAL_REGISTRY_URL ?? narrowed.registry.target },
    vault: {
      ...narrowed.vault,
      primary: environment.VAULT_PRIMARY_ADDR ?? narrowed.vault.primary,
      secondary: environment.VAULT_SECONDARY_ADDR ?? narrowed.vault.secondary,
    },
    ...(COSIGN_KEY_PATH === undefined
      ? {}
      : { signing: { ...narrowed.signing, privateKey: COSIGN_KEY_PATH } }),
  };
}

/** Which fields of the fleet the environment sets, in the variables' order. */
export function overridesOf(fleet: Fleet, environment: Environment): Override[] {
  const source = `clusters[${selectedCluster(narrow(fleet, environment.SELFHOST_REGION))}].source`;
  const paths: Readonly<Record<Variable, string | undefined>> = {
    K8S_CONTEXT: source,
    ANSIBLE_INVENTORY: environment.K8S_CONTEXT === undefined ? source : undefined,
    LOCAL_REGISTRY_URL: "registry.target",
    VAULT_PRIMARY_ADDR: "vault.primary",
    VAULT_SECONDARY_ADDR: "vault.secondary",
    COSIGN_KEY_PATH: "signing.privateKey",
    SIMULATION_MODE: undefined,
    SELFHOST_REGION: "regions",
    ATOM_VERSION: "release",
  };
  return (Object.entries(paths) as [Variable, string | undefined][]).flatMap(([variable, path]) =>
    path === undefined || environment[variable] === undefined ? [] : [{ variable, path }],
  );
}

function narrow(fleet: Fleet, only: string | undefined): Fleet {
  if (only === undefined) return fleet;
  const regions = fleet.regions.filter(({ name }) => name === only);
  if (regions.length === 0) {
    const known = fleet.regions.map(({ name }) => name);
    throw new UsageError("environment", [
      { path: "SELFHOST_REGION", message: unknownWord("region", only, known) },
    ]);
  }
  return {
    ...fleet,
    regions,
    clusters: fleet.clusters.filter(({ region }) => region === only),
    tenants: fleet.tenants
      .filter((tenant) => tenant.regions.includes(only))
      .map((tenant) => ({ ...tenant, regions: [only] })),
  };
}

function withSource(fleet: Fleet, environment: Environment): Fleet["clusters"] {
  const { K8S_CONTEXT: context, ANSIBLE_INVENTORY: inventory } = environment;
  const source =
    context !== undefined ? { context } : inventory !== undefined ? { inventory } : undefined;
  if (source === undefined) return fleet.clusters;
  const selected = selectedCluster(fleet);
  return fleet.clusters.map((cluster, index) =>
    index === selected ? { ...cluster, source } : cluster,
  );
}

/** The cluster of the first region. */
function selectedCluster({ regions, clusters }: Fleet): number {
  return clusters.findIndex(({ region }) => region === regions[0]?.name);
}
