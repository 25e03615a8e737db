import { isDnsLabel, nameProblem, printable } from "../kubernetes/names";
import { TENANT_LABEL } from "../kubernetes/labels";
import { Problems } from "../support/problem";
import { joinTtlProblem } from "./token";

/** Which pool a node is in, under the prefix that a kubelet cannot set on itself (NodeRestriction). */
export const POOL_LABEL = "node-restriction.kubernetes.io/atom-pool";

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: "NoSchedule";
}

/** A node that is to join, with what the gateway, and not the node, sets on it. */
export interface PlannedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

export interface NodePoolPlan {
  readonly cluster: string;
  readonly pool: string;
  readonly tenant?: string;
  /** Life time of each node's token. */
  readonly ttl: string;
  readonly nodes: readonly PlannedNode[];
}

export interface NodePoolOptions {
  readonly cluster: string;
  readonly pool: string;
  /** How many nodes are to join. */
  readonly nodes: number;
  /** Life time of each node's token, at most 24 h. @default "15m" */
  readonly ttl?: string;
  /** A pool of one tenant's own: only pods that tolerate its taint run there. @default shared */
  readonly tenant?: string;
  /** Node names that exist and are not to be used again. @default none */
  readonly namesTaken?: readonly string[];
}

/**
 * The nodes that are to join a pool: `<cluster>-<pool>-<number>`, counted from 1 past the names taken.
 *
 * @throws UsageError for names, a number or a life time that is not allowed.
 */
export function planNodePool(options: NodePoolOptions): NodePoolPlan {
  const { cluster, pool, nodes, ttl = "15m", tenant, namesTaken = [] } = options;
  check({ cluster, pool, nodes, ttl, tenant });
  return {
    cluster,
    pool,
    ...(tenant === undefined ? {} : { tenant }),
    ttl,
    nodes: freeNames(`${cluster}-${pool}`, nodes, namesTaken).map((name) => ({
      name,
      labels: { [POOL_LABEL]: pool, ...(tenant === undefined ? {} : { [TENANT_LABEL]: tenant }) },
      taints:
        tenant === undefined ? [] : [{ key: TENANT_LABEL, value: tenant, effect: "NoSchedule" }],
    })),
  };
}

function freeNames(prefix: string, count: number, namesTaken: readonly string[]): string[] {
  const taken = new Set(namesTaken);
  const names: string[] = [];
  for (let number = 1; names.length < count; number += 1) {
    const name = `${prefix}-${number}`;
    if (!taken.has(name)) names.push(name);
  }
  return names;
}

function check(options: {
  readonly cluster: string;
  readonly pool: string;
  readonly nodes: number;
  readonly ttl: string;
  readonly tenant: string | undefined;
}): void {
  const { cluster, pool, nodes, ttl, tenant } = options;
  const problems = new Problems();
  for (const [path, name] of Object.entries({ cluster, pool, tenant })) {
    const problem = name === undefined ? undefined : nameProblem(name);
    if (problem !== undefined) problems.add(path, problem);
  }
  if (!isDnsLabel(`${cluster}-${pool}-1000`)) {
    problems.add(
      "pool",
      `node names begin with ${printable(`${cluster}-${pool}`)}, which is too long`,
    );
  }
  if (!Number.isInteger(nodes) || nodes < 0 || nodes > 1000) {
    problems.add("nodes", `${nodes} is not allowed; use a whole number from 0 to 1000`);
  }
  const ttlProblem = joinTtlProblem(ttl);
  if (ttlProblem !== undefined) problems.add("join.ttl", ttlProblem);
  problems.throwIfAny("node pool");
}
