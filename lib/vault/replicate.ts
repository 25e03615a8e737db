import type { SigningKey } from "../signing/key";
import type { Clock } from "../support/clock";
import { parseDuration } from "../support/duration";
import { ReplicaWriter } from "./replica-writer";
import type { KvStore } from "./kv-store";
import type { Unreadable } from "./opted-in";
import { reachBoth } from "./reach-both";
import type { ReplicationPlan, SecretPlan } from "./replication-plan";
import type { SyncLog } from "./sync-log";
import { VaultConflict, VaultError, VaultForbidden, VaultUnreachable } from "./vault-error";

/** What the far side is written through. */
export interface ReplicationEnds {
  readonly primary: KvStore;
  readonly secondary: KvStore;
  /** Signs each replica; the far side is checked against its public key. */
  readonly key: SigningKey;
  readonly clock: Clock;
  readonly log: SyncLog;
  /** How long a replica's signature counts; it is renewed after half of that. @default "30d" */
  readonly signatureLifetime?: string | undefined;
}

/**
 * What became of one secret:
 * - `SYNCED`, `REMOVED`: done; a synced replica was read back and its signature verified
 * - `UNCHANGED`: the replica was equal before, and its signature is good
 * - `HELD`: waits for somebody to confirm the path
 * - `FORBIDDEN`: the token may not; `CONFLICT`: an end changed meanwhile, so plan again
 * - `REFUSED`: the store took the request for wrong; `UNREACHABLE`: an end went away
 */
export type SecretOutcome =
  | "SYNCED"
  | "REMOVED"
  | "UNCHANGED"
  | "HELD"
  | "FORBIDDEN"
  | "CONFLICT"
  | "REFUSED"
  | "UNREACHABLE";

export interface ReplicatedSecret {
  readonly tenant: string;
  readonly path: string;
  readonly version: number;
  readonly change: SecretPlan["change"];
  readonly outcome: SecretOutcome;
  /** Why it waits or failed. */
  readonly why?: string;
}

export interface ReplicationResult {
  /**
   * - `SYNCED`: every opted-in secret is equal on the far side, signed and verified
   * - `SYNC_SIMULATED`: an end cannot be reached; nothing was written
   * - `SYNC_PARTIAL`: something was done and something was not; run it again
   */
  readonly outcome: "SYNCED" | "SYNC_SIMULATED" | "SYNC_PARTIAL";
  /** Of a simulation: which ends are away, why, and the mend. */
  readonly away?: readonly string[];
  /** Sorted by path. */
  readonly secrets: readonly ReplicatedSecret[];
  /** What was left alone, because one end did not let us read it. */
  readonly unreadable: readonly Unreadable[];
  /** Writes that the far side took. */
  readonly writes: number;
}

/**
 * Carries out a plan: writes with check-and-set, signs each replica, reads it back and verifies it.
 * Wherever it stops, planning and running again leads to the same end, and doing what is done
 * already changes nothing. One secret's failure does not keep the others back.
 */
export async function applyReplication(
  plan: ReplicationPlan,
  ends: ReplicationEnds,
): Promise<ReplicationResult> {
  const reached =
    plan.outcome === "SYNC_SIMULATED" ? { away: plan.away ?? [] } : await reachBoth(ends);
  if ("away" in reached) return simulated(plan, ends, reached.away);
  const lifetime = parseDuration(ends.signatureLifetime ?? "30d");
  const writer = new ReplicaWriter(plan.mount, ends, lifetime);
  const secrets: ReplicatedSecret[] = [];
  let away: Ended | undefined;
  for (const secret of plan.secrets) {
    const ended = away ?? (await replicateSecret(secret, writer));
    if (ended.outcome === "UNREACHABLE") away = ended;
    const { tenant, path, version, change } = secret;
    ends.log.append({ action: "secret", path, version: version || null, outcome: ended.outcome });
    secrets.push({ tenant, path, version, change, ...ended });
  }
  for (const { path, reason } of plan.unreadable) {
    ends.log.append({ action: "read", path, version: null, outcome: reason.toUpperCase() });
  }
  const outcome = overall(plan, secrets, writer);
  return {
    outcome,
    ...(outcome === "SYNC_SIMULATED" && away?.why !== undefined ? { away: [away.why] } : {}),
    secrets,
    unreadable: plan.unreadable,
    writes: writer.writes,
  };
}

function simulated(
  { paths }: ReplicationPlan,
  { log }: ReplicationEnds,
  away: readonly string[],
): ReplicationResult {
  for (const path of paths) {
    log.append({ action: "sync", path, version: null, outcome: "SYNC_SIMULATED" });
  }
  return { outcome: "SYNC_SIMULATED", away, secrets: [], unreadable: [], writes: 0 };
}

type Ended = Pick<ReplicatedSecret, "outcome" | "why">;

async function replicateSecret(secret: SecretPlan, writer: ReplicaWriter): Promise<Ended> {
  if (secret.held !== undefined) return { outcome: "HELD", why: secret.held };
  try {
    for (const step of secret.steps) await writer.carryOut(secret.path, step);
    if (secret.change === "remove") return { outcome: "REMOVED" };
    if (secret.change !== "unchanged") return { outcome: "SYNCED" };
    return { outcome: (await writer.renewSignature(secret.path)) ? "SYNCED" : "UNCHANGED" };
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return { outcome: outcomeOf(error), why: error.message };
  }
}

function outcomeOf(error: VaultError): SecretOutcome {
  if (error instanceof VaultUnreachable) return "UNREACHABLE";
  if (error instanceof VaultForbidden) return "FORBIDDEN";
  if (error instanceof VaultConflict) return "CONFLICT";
  return "REFUSED";
}

function overall(
  { unreadable }: ReplicationPlan,
  secrets: readonly ReplicatedSecret[],
  { tried }: ReplicaWriter,
): ReplicationResult["outcome"] {
  const good: readonly SecretOutcome[] = ["SYNCED", "REMOVED", "UNCHANGED"];
  if (unreadable.length === 0 && secrets.every(({ outcome }) => good.includes(outcome))) {
    return "SYNCED";
  }
  // A write whose answer was lost may have been carried out: only no attempt at all means nothing.
  return tried === 0 && secrets.some(({ outcome }) => outcome === "UNREACHABLE")
    ? "SYNC_SIMULATED"
    : "SYNC_PARTIAL";
}
