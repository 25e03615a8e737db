import { tenantIn } from "../fleet/fleet-parts";
import { readFleet } from "../fleet/read-fleet";
import type { Fleet } from "../fleet/schema";
import { FileTokenLedger } from "../join/file-token-ledger";
import { planNodePool } from "../join/plan";
import type { NodePoolPlan } from "../join/plan";
import { issueJoinToken } from "../join/token";
import type { JoinBinding } from "../join/token";
import { systemClock } from "../support/clock";
import { UsageError } from "../support/problem";
import { unknownWord } from "../support/strict-schema";
import { textTable } from "../support/text-table";
import type { CommandContext } from "./command-context";

/** What `atom join token` takes besides the node. */
export interface TokenOptions {
  readonly cluster: string;
  readonly pool: string;
  readonly tenant?: string;
  readonly ttl: string;
  readonly ledger: string;
  /** The fleet file, which has to have cluster, pool and tenant. */
  readonly fleet: string;
  readonly apply?: true;
}

/** Shows the pools of every cluster of a fleet. */
export function showPools(
  { terminal }: CommandContext,
  path: string,
  { json }: { json?: true },
): void {
  const { fleet } = readFleet(path, terminal.environment);
  const pools = fleet.clusters.map(({ name: cluster, nodePool }) => {
    const { name: pool, nodes, join } = nodePool;
    return planNodePool({ cluster, pool, nodes, ttl: join.ttl });
  });
  terminal.out(`${json ? JSON.stringify(pools, null, 2) : poolTable(pools)}\n`);
}

/** Issues a token: its hash goes to the ledger, the token to standard output, nothing else there. */
export function issueToken(
  { terminal }: CommandContext,
  node: string,
  { cluster, pool, tenant, ttl, ledger, fleet, apply }: TokenOptions,
): void {
  const binding = { cluster, pool, node, ...(tenant === undefined ? {} : { tenant }) };
  const { token, record } = issueJoinToken(binding, { ttl, clock: systemClock });
  refuseUnknownPlace(binding, readFleet(fleet, terminal.environment).fleet);
  const what = `one token for ${node} to join pool ${pool} of ${cluster}`;
  if (!apply) {
    terminal.error(
      `would issue ${what}, good for ${ttl}; nothing was issued, issue it with --apply\n`,
    );
    return;
  }
  // First the ledger: a token that the gateway does not know is of no use, the reverse does no harm.
  new FileTokenLedger(ledger).add(record);
  terminal.error(`issued ${what}, good until ${record.expiresAt}; token id ${record.id}\n`);
  terminal.out(`${token.reveal()}\n`);
}

/** No gateway takes a token for a cluster, pool or tenant that is not there: whoever waits for it learns that late. */
function refuseUnknownPlace({ cluster, pool, tenant }: JoinBinding, fleet: Fleet): void {
  const { region, nodePool } = known("cluster", cluster, fleet.clusters);
  known("pool", pool, [nodePool]);
  if (tenant !== undefined) tenantIn(fleet, tenant, region);
}

function known<T extends { readonly name: string }>(
  what: string,
  name: string,
  parts: readonly T[],
): T {
  const found = parts.find((part) => part.name === name);
  if (found !== undefined) return found;
  const names = parts.map((part) => part.name);
  throw new UsageError("choice", [{ path: `--${what}`, message: unknownWord(what, name, names) }]);
}

function poolTable(pools: readonly NodePoolPlan[]): string {
  const rows = pools.flatMap(({ cluster, pool, ttl, nodes }) =>
    nodes.map(({ name, labels, taints }) => [
      cluster,
      pool,
      name,
      Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
      taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`).join(",") || "none",
      ttl,
    ]),
  );
  return textTable(["cluster", "pool", "node", "labels", "taints", "token life"], rows);
}
