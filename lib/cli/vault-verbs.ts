import { join } from "node:path";
import { FLEET_FILES } from "../fleet/fleet-files";
import { count } from "../report/markdown";
import { systemClock } from "../support/clock";
import { withLock } from "../support/lock";
import { textTable } from "../support/text-table";
import { recordReplicas } from "../vault/record-replicas";
import { writeReplicaState } from "../vault/replica-state";
import { applyReplication } from "../vault/replicate";
import type { ReplicationResult } from "../vault/replicate";
import { planReplication } from "../vault/replication-plan";
import type { ReplicationPlan } from "../vault/replication-plan";
import { openSyncLog } from "../vault/sync-log-file";
import type { CommandContext } from "./command-context";
import { EXIT } from "./terminal";
import { readVaultTask } from "./vault-task";
import type { VaultOptions, VaultTask } from "./vault-task";

const SIMULATED = "SYNC_SIMULATED: a Vault cannot be reached, and nothing was written";

/** Compares the two Vaults and says what a sync would do. */
export async function showReplication(
  { terminal, finish }: CommandContext,
  fleetPath: string,
  options: VaultOptions,
): Promise<void> {
  const task = await readVaultTask(terminal, fleetPath, options);
  const plan = await planTask(task, options);
  terminal.out(`${options.json ? JSON.stringify(plan, null, 2) : planWords(plan)}\n`);
  if (plan.outcome === "SYNC_SIMULATED" || plan.unreadable.length > 0) finish(EXIT.failed);
}

/** Makes the replica equal to the primary, and logs each step. */
export async function syncReplica(
  { terminal, finish }: CommandContext,
  fleetPath: string,
  options: VaultOptions,
): Promise<void> {
  const task = await readVaultTask(terminal, fleetPath, options);
  const key = await task.readKey();
  const result = await withLock(join(task.folder, ".atom", "vault.lock"), async () => {
    const log = openSyncLog(task.logPath, systemClock);
    const plan = await planTask(task, options);
    const { primary, secondary, mount } = task;
    const done = await applyReplication(plan, { primary, secondary, key, clock: systemClock, log });
    if (done.outcome !== "SYNC_SIMULATED") {
      const trust = { keys: [key.publicKeyPem], now: systemClock.now() };
      const records = await recordReplicas(secondary, mount, done.secrets, trust);
      writeReplicaState(join(task.folder, FLEET_FILES.replicas), mount, records, trust.now);
    }
    return done;
  });
  terminal.out(`${options.json ? JSON.stringify(result, null, 2) : resultWords(result)}\n`);
  if (result.outcome !== "SYNCED") finish(EXIT.failed);
}

function planTask(
  { primary, secondary, mount, paths }: VaultTask,
  { confirm = [] }: VaultOptions,
): Promise<ReplicationPlan> {
  return planReplication(primary, secondary, { mount, paths, confirmed: confirm });
}

function planWords({ outcome, mount, secrets, unreadable }: ReplicationPlan): string {
  if (outcome === "SYNC_SIMULATED") return SIMULATED;
  const rows = [
    ...secrets.map(({ path, change, version, steps, held }) => [
      path,
      held === undefined ? change : `${change}, held`,
      String(version),
      held ?? (steps.map(({ action }) => action).join(", ") || "nothing to do"),
    ]),
    ...unreadable.map(({ path, end, reason }) => [path, "left alone", "", `${end}: ${reason}`]),
  ];
  return textTable([`secret (to ${mount})`, "change", "version", "steps"], rows);
}

function resultWords({ outcome, secrets, writes }: ReplicationResult): string {
  if (outcome === "SYNC_SIMULATED") return SIMULATED;
  const rows = secrets.map(({ path, change, version, outcome: ended }) => [
    path,
    change,
    String(version),
    ended,
  ]);
  return (
    `${textTable(["secret", "change", "version", "outcome"], rows)}\n\n` +
    `${outcome}: ${count(secrets.length, "secret")}, ${count(writes, "write")}`
  );
}
