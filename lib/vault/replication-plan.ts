import { mapBounded } from "../support/map-bounded";
import { Problems, UsageError } from "../support/problem";
import { mountProblem } from "./access";
import { compareSecret } from "./compare-secret";
import type { ReplicationStep } from "./compare-secret";
import type { End, KvStore } from "./kv-store";
import { findOptedIn, readable } from "./opted-in";
import type { Unreadable } from "./opted-in";
import { PayloadComparison } from "./payload-comparison";
import { reachBoth } from "./reach-both";
import type { Reached } from "./reach-both";
import { readSecretSet } from "./secret-set";
import { optInProblem, tenantOf } from "./secret-path";
import { VaultUnreachable } from "./vault-error";

/** What is to be done about one secret. */
export interface SecretPlan {
  readonly tenant: string;
  readonly path: string;
  readonly change: "create" | "update" | "rebuild" | "remove" | "unchanged";
  /** The version that the replica will be at; 0 for none. */
  readonly version: number;
  readonly steps: readonly ReplicationStep[];
  /** Why nothing is done until somebody confirms the path; there are no steps then. */
  readonly held?: string;
}

/** What a replication will do. It holds no value and nothing that was made from one. */
export interface ReplicationPlan {
  /** `SYNC_SIMULATED`: an end cannot be reached, so nothing was compared and nothing will be written. */
  readonly outcome: "PLANNED" | "SYNC_SIMULATED";
  /** Of a simulation: which ends are away, why, and the mend. */
  readonly away?: readonly string[];
  readonly mount: string;
  /** The opted-in paths, sorted. */
  readonly paths: readonly string[];
  /** Sorted by path. */
  readonly secrets: readonly SecretPlan[];
  readonly unreadable: readonly Unreadable[];
}

/** What to replicate. */
export interface ReplicationOptions {
  /** The replicas' KV mount, on the secondary; it is part of what is signed. */
  readonly mount: string;
  /** Opted-in secrets (`tenants/acme/database`) and folders with all below (`tenants/acme/`). */
  readonly paths: readonly string[];
  /**
   * The largest share of the replicas that one run may remove, 0 to 1. Above it all removals are
   * held: an emptied or half restored primary must not empty its replica.
   * @default 0.25
   */
  readonly largestRemovedShare?: number | undefined;
  /** Paths whose replica may be removed or rebuilt although that loses values. @default - none */
  readonly confirmed?: readonly string[] | undefined;
}

const READS_AT_ONCE = 8;

/**
 * Compares the opted-in secrets of two stores and says what makes the replicas equal: versions, deleted
 * and destroyed ones, custom metadata. It writes nothing. What one end does not let us read is left alone.
 *
 * @throws UsageError if both stores are the same, or a path is not in a tenant's folder.
 */
export async function planReplication(
  primary: KvStore,
  secondary: KvStore,
  options: ReplicationOptions,
): Promise<ReplicationPlan> {
  check(options);
  const { mount } = options;
  const paths = [...new Set(options.paths)].sort();
  const simulated = (away: readonly string[]): ReplicationPlan => ({
    outcome: "SYNC_SIMULATED",
    away,
    mount,
    paths,
    secrets: [],
    unreadable: [],
  });
  const ends = { primary, secondary };
  const reached = await reachBoth(ends);
  if ("away" in reached) return simulated(reached.away);
  refuseSameStore(reached);
  try {
    const found = await findOptedIn(ends, paths);
    const values = new PayloadComparison();
    const results = await mapBounded(found.secrets, READS_AT_ONCE, (path) =>
      planSecret(ends, path, values),
    );
    const unreadable = [
      ...found.unreadable,
      ...results.flatMap((result) => result.unreadable ?? []),
    ];
    const candidates = results.flatMap((result) => result.candidate ?? []);
    const secrets = hold(candidates, options);
    return { outcome: "PLANNED", mount, paths, secrets, unreadable };
  } catch (error) {
    if (!(error instanceof VaultUnreachable)) throw error;
    return simulated([error.message]);
  }
}

interface Candidate {
  readonly plan: SecretPlan;
  /** Whether the replica is there now. */
  readonly exists: boolean;
  readonly losesValue: boolean;
}

type Result = { readonly unreadable?: Unreadable; readonly candidate?: Candidate };

async function planSecret(
  ends: Readonly<Record<End, KvStore>>,
  path: string,
  values: PayloadComparison,
): Promise<Result> {
  const source = await readable(() => readSecretSet(ends.primary, path));
  if ("notRead" in source) return { unreadable: { path, end: "primary", ...source.notRead } };
  const target = await readable(() => readSecretSet(ends.secondary, path));
  if ("notRead" in target) return { unreadable: { path, end: "secondary", ...target.notRead } };
  const [primary, replica] = [source.value, target.value];
  const tenant = tenantOf(path)!;
  const exists = replica !== undefined;
  if (primary === undefined) {
    if (!exists) return {};
    const steps = [{ action: "remove" }] as const;
    const plan: SecretPlan = { tenant, path, change: "remove", version: 0, steps };
    return { candidate: { plan, exists, losesValue: false } };
  }
  const { change, steps, losesValue } = compareSecret(primary, replica, values);
  const plan: SecretPlan = { tenant, path, change, version: primary.currentVersion, steps };
  return { candidate: { plan, exists, losesValue } };
}

/** Takes the steps out of what must not happen without somebody's word. */
function hold(
  candidates: readonly Candidate[],
  { largestRemovedShare = 0.25, confirmed = [] }: ReplicationOptions,
): SecretPlan[] {
  const replicas = candidates.filter(({ exists }) => exists).length;
  const removals = candidates.filter(({ plan }) => plan.change === "remove").length;
  const tooMany = removals > replicas * largestRemovedShare;
  return candidates.map(({ plan, losesValue }) => {
    if (confirmed.includes(plan.path)) return plan;
    if (plan.change === "remove" && tooMany) {
      const held = `${removals} of ${replicas} replicas would be removed`;
      return { ...plan, steps: [], held };
    }
    if (losesValue) {
      const held = "the replica has values that the primary does not have";
      return { ...plan, steps: [], held };
    }
    return plan;
  });
}

function refuseSameStore({ primary, secondary }: Exclude<Reached, { away: unknown }>): void {
  if (primary !== secondary) return;
  throw new UsageError("Vault replication", [
    { path: "secondary", message: "is the same mount of the same server as the primary" },
  ]);
}

function check({ mount, paths, largestRemovedShare = 0 }: ReplicationOptions): void {
  const problems = new Problems();
  const problem = mountProblem(mount);
  if (problem !== undefined) problems.add("mount", problem);
  paths.forEach((path, index) => {
    const found = optInProblem(path);
    if (found !== undefined) problems.add(`paths[${index}]`, found);
  });
  if (!(largestRemovedShare >= 0 && largestRemovedShare <= 1)) {
    problems.add("largestRemovedShare", `${largestRemovedShare} is not between 0 and 1`);
  }
  problems.throwIfAny("Vault replication");
}
