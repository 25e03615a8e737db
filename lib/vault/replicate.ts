import type { SigningKey } from "../signing/key";
import type { Clock } from "../support/clock";
import { parseDuration } from "../support/duration";
import { ReplicaWriter } from "./replica-writer";
import type { KvStore } from "./kv-store";
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
}

export interface ReplicationResult {
  /**
   * - `SYNCED`: every opted-in secret is equal on the far side, signed and verified
   * - `SYNC_SIMULATED`: an end cannot be reached; nothing was written
   * - `SYNC_PARTIAL`: something was done and something was not; run it again
   */
  readonly outcome: "SYNCED" | "SYNC_SIMULATED" | "SYNC_PARTIAL";
  /** Sorted by path. */
  readonly secrets: readonly ReplicatedSecret[];
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
  if (plan.outcome === "SYNC_SIMULATED" || !(await isReachable(ends))) return simulated(plan, ends);
  const lifetime = parseDuration(ends.signatureLifetime ?? "30d");
  const writer = new ReplicaWriter(plan.mount, ends, lifetime);
  const secrets: ReplicatedSecret[] = [];
  let away = false;
  for (const secret of plan.secrets) {
    const outcome: SecretOutcome = away ? "UNREACHABLE" : await replicateSecret(secret, writer);
    away ||= outcome === "UNREACHABLE";
    const { tenant, path, version, change } = secret;
    ends.log.append({ action: "secret", path, version: version || null, outcome });
    secrets.push({ tenant, path, version, change, outcome });
  }
  for (const { path, reason } of plan.unreadable) {
    ends.log.append({ action: "read", path, version: null, outcome: reason.toUpperCase() });
  }
  return { outcome: overall(plan, secrets, writer), secrets, writes: writer.writes };
}

async function isReachable({ primary, secondary }: ReplicationEnds): Promise<boolean> {
  try {
    await Promise.all([primary.identify(), secondary.identify()]);
    return true;
  } catch (error) {
    if (error instanceof VaultUnreachable) return false;
    throw error;
  }
}

function simulated({ paths }: ReplicationPlan, { log }: ReplicationEnds): ReplicationResult {
  for (const path of paths) {
    log.append({ action: "sync", path, version: null, outcome: "SYNC_SIMULATED" });
  }
  return { outcome: "SYNC_SIMULATED", secrets: [], writes: 0 };
}

async function replicateSecret(secret: SecretPlan, writer: ReplicaWriter): Promise<SecretOutcome> {
  if (secret.held !== undefined) return "HELD";
  try {
    for (const step of secret.steps) await writer.carryOut(secret.path, step);
    if (secret.change === "remove") return "REMOVED";
    if (secret.change !== "unchanged") return "SYNCED";
    return (await writer.renewSignature(secret.path)) ? "SYNCED" : "UNCHANGED";
  } catch (error) {
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): SecretOutcome {
  if (error instanceof VaultUnreachable) return "UNREACHABLE";
  if (error instanceof VaultForbidden) return "FORBIDDEN";
  if (error instanceof VaultConflict) return "CONFLICT";
  if (error instanceof VaultError) return "REFUSED";
  throw error;
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
