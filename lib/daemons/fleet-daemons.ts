import { readFleetLock } from "../fleet/fleet-files";
import { replicaMount, secretPathsIn } from "../fleet/fleet-parts";
import type { LoadedFleet } from "../fleet/read-fleet";
import { planNodePool } from "../join/plan";
import { DAEMONS } from "../platform/daemon";
import type { DaemonName } from "../platform/daemon";
import { count } from "../report/markdown";
import { canonicalJson } from "../support/canonical-json";
import { sha256 } from "../support/digest";
import { UsageError } from "../support/problem";
import type { Secret } from "../support/secret";
import { discoverTopology, discoverTopologyFromContext } from "../topology/discover";
import type { Topology } from "../topology/topology";
import { HttpKvStore } from "../vault/http-kv-store";
import type { End } from "../vault/kv-store";
import { planReplication } from "../vault/replication-plan";
import { withMend } from "../vault/vault-error";
import { readTokens } from "../vault/vault-tokens";
import type { Daemon, Reconciliation } from "./daemon";
import { auditFleet, renderFleet } from "./fleet-objects";
import type { LivePolicies } from "./live-policies";
import { passMirror } from "./mirror-daemon";
import type { MirrorDaemonOptions } from "./mirror-daemon";

export interface FleetDaemonOptions extends MirrorDaemonOptions {
  /** Reads the fleet; called at each pass. */
  readonly load: () => LoadedFleet;
  /** Where the tokens of the Vaults are: `VAULT_PRIMARY_TOKEN`, and `VAULT_SECONDARY_TOKEN` or `VAULT_TOKEN`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the policy monitor looks at. @default - what the fleet would put on its clusters */
  readonly livePolicies?: LivePolicies | undefined;
}

/**
 * The platform's daemons over a fleet file and what lies beside it. They look and report; the mirror's
 * copies what is missing if it is given a key. A file
 * that is wrong, or a server that is away, makes a pass unhealthy with its reason.
 */
export function fleetDaemons(options: FleetDaemonOptions): Daemon[] {
  const topology = new Baseline();
  const render = new Baseline();
  const passes: Record<DaemonName, (fleet: LoadedFleet) => Promise<Reconciliation>> = {
    bootstrap: (fleet) => watchTopology(fleet, topology),
    mirror: (fleet) => passMirror(fleet, options),
    "vault-sync": (fleet) => watchVault(fleet, options),
    chart: (fleet) => watchChart(fleet, render),
    "node-join": (fleet) => watchPools(fleet),
    "policy-monitor": (fleet) => options.livePolicies?.pass(fleet) ?? watchPolicies(fleet),
  };
  return DAEMONS.map(({ name }) => ({
    name,
    ...(name === "policy-monitor" ? betweenPasses(options) : {}),
    reconcile: async () => {
      try {
        return await passes[name](options.load());
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        return { healthy: false, summary: oneLine(error) };
      }
    },
  }));
}

function betweenPasses({ livePolicies }: FleetDaemonOptions): Pick<Daemon, "changed" | "stop"> {
  if (livePolicies === undefined) return {};
  return {
    changed: (signal) => livePolicies.changed(signal),
    stop: () => livePolicies.stop(),
  };
}

/** What the first pass found, to compare the later ones with. */
class Baseline {
  #digest: string | undefined;

  isSame(found: unknown): boolean {
    const digest = sha256(canonicalJson(found));
    this.#digest ??= digest;
    return digest === this.#digest;
  }
}

async function watchTopology(loaded: LoadedFleet, baseline: Baseline): Promise<Reconciliation> {
  const found = await Promise.all(
    loaded.fleet.clusters.map(async (cluster) => discover(cluster, loaded.folder)),
  );
  const nodes = found.reduce(
    (sum, { masters, workers }) => sum + masters.length + workers.length,
    0,
  );
  return baseline.isSame(found)
    ? {
        healthy: true,
        summary: `${count(found.length, "cluster")} with ${count(nodes, "node")} as at the start`,
      }
    : { healthy: false, summary: "the topology is another than at the start" };
}

function discover(
  { name, region, source }: LoadedFleet["fleet"]["clusters"][number],
  folder: string,
): Topology | Promise<Topology> {
  const place = { cluster: name, region, baseDir: folder };
  return "context" in source
    ? discoverTopologyFromContext(source, place)
    : discoverTopology(source, place);
}

async function watchVault(
  { fleet }: LoadedFleet,
  { environment }: FleetDaemonOptions,
): Promise<Reconciliation> {
  const tokens = readTokens(environment);
  let inStep = 0;
  const behind: string[] = [];
  for (const cluster of fleet.clusters) {
    const mount = replicaMount(fleet, cluster);
    const { away, secrets, unreadable } = await planReplication(
      storeAt("primary", { address: fleet.vault.primary, mount: fleet.vault.mount }, tokens),
      storeAt("secondary", { address: fleet.vault.secondary, mount }, tokens),
      { mount, paths: secretPathsIn(fleet, cluster.region) },
    );
    if (away !== undefined) return { healthy: false, summary: away.join("; ") };
    const changed = secrets.filter(({ change }) => change !== "unchanged").length;
    inStep += secrets.length - changed;
    if (changed > 0)
      behind.push(`${cluster.name}: ${count(changed, "secret")} not as the primary has it`);
    if (unreadable.length > 0) {
      const reasons = new Set(
        unreadable.map(({ end, ...why }) => `${end} Vault: ${withMend(why)}`),
      );
      behind.push(`${cluster.name}: ${unreadable.length} unreadable: ${[...reasons].join("; ")}`);
    }
  }
  return behind.length === 0
    ? { healthy: true, summary: `${count(inStep, "secret")} in step` }
    : { healthy: false, summary: behind.join("; ") };
}

function storeAt(
  end: End,
  place: { readonly address: string; readonly mount: string },
  tokens: Readonly<Record<End, Secret>>,
): HttpKvStore {
  return new HttpKvStore({ end, ...place, token: tokens[end] });
}

function watchChart(loaded: LoadedFleet, baseline: Baseline): Promise<Reconciliation> {
  const { objects, renders } = renderFleet(loaded.fleet, readFleetLock(loaded));
  return Promise.resolve(
    baseline.isSame(renders)
      ? {
          healthy: true,
          summary: `${count(renders.length, "render")}, ${count(objects, "object")}, as at the start`,
        }
      : { healthy: false, summary: "a render is another than at the start: deploy, then restart" },
  );
}

function watchPools({ fleet }: LoadedFleet): Promise<Reconciliation> {
  const pools = fleet.clusters.map(({ name: cluster, nodePool }) => {
    const { name: pool, nodes, join } = nodePool;
    return planNodePool({ cluster, pool, nodes, ttl: join.ttl });
  });
  const nodes = pools.reduce((sum, pool) => sum + pool.nodes.length, 0);
  return Promise.resolve({
    healthy: true,
    summary: `${count(pools.length, "pool")} planned for ${count(nodes, "node")}`,
  });
}

function watchPolicies(loaded: LoadedFleet): Promise<Reconciliation> {
  const { outcome, objects, findings } = auditFleet(loaded, readFleetLock(loaded));
  return Promise.resolve(
    outcome === "pass"
      ? { healthy: true, summary: `P1 to P7 hold over ${count(objects, "planned object")}` }
      : { healthy: false, summary: `P1 to P7: ${outcome}: ${findings.slice(0, 5).join("; ")}` },
  );
}

function oneLine({ subject, problems }: UsageError): string {
  const words = problems.map(({ path, message, mend }) =>
    [path === "" ? message : `${path}: ${message}`, mend].filter(Boolean).join("; "),
  );
  return `${subject}: ${words.join("; ")}`;
}
