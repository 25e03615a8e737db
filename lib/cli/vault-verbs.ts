import { join } from "node:path";
import { FLEET_FILES } from "../fleet/fleet-files";
import { refuseUnderSimulation } from "../fleet/simulation-mode";
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
import { withMend } from "../vault/vault-error";
import type { CommandContext } from "./command-context";
import { EXIT } from "./terminal";
import type { Terminal } from "./terminal";
import { readVaultTask } from "./vault-task";
import type { VaultOptions, VaultTask } from "./vault-task";

const SIMULATED = "SYNC_SIMULATED: a Vault cannot be reached, and nothing was written";
const LEFT_ALONE = "left alone";

/** Compares the two Vaults and says what a sync would do. */
export async function showReplication(
  { terminal, finish }: CommandContext,
  fleetPath: string,
  options: VaultOptions,
): Promise<void> {
  const task = await readVaultTask(terminal, fleetPath, options);
  const plan = await planTask(task, options);
  terminal.out(`${options.json ? JSON.stringify(plan, null, 2) : planWords(plan)}\n`);
  tellMends(terminal, task, plan);
  if (plan.outcome === "SYNC_SIMULATED" || plan.unreadable.length > 0) finish(EXIT.failed);
}

/** Makes the replica equal to the primary, and logs each step. */
export async function syncReplica(
  { terminal, finish }: CommandContext,
  fleetPath: string,
  options: VaultOptions,
): Promise<void> {
  refuseUnderSimulation(terminal.environment, "atom vault sync --apply");
  const task = await readVaultTask(terminal, fleetPath, options);
  const key = await task.readKey();
  await withLock(join(task.folder, ".atom", "vault.lock"), async () => {
    const log = openSyncLog(task.logPath, systemClock);
    const plan = await planTask(task, options);
    const { primary, secondary, mount } = task;
    const done = await applyReplication(plan, { primary, secondary, key, clock: systemClock, log });
    // Before the records are made: for them the far side has to answer once more.
    terminal.out(`${options.json ? JSON.stringify(done, null, 2) : resultWords(done)}\n`);
    tellMends(terminal, task, done);
    if (done.outcome !== "SYNCED") finish(EXIT.failed);
    if (done.outcome !== "SYNC_SIMULATED") {
      const trust = { keys: [key.publicKeyPem], now: systemClock.now() };
      const records = await recordReplicas(secondary, mount, done.secrets, trust);
      writeReplicaState(join(task.folder, FLEET_FILES.replicas), mount, records, trust.now);
    }
  });
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
      held === undefined
        ? steps.map(({ action }) => action).join(", ") || "nothing to do"
        : heldWords(path, held),
    ]),
    ...unreadable.map(({ path, end, why }) => [path, LEFT_ALONE, "", `${end}: ${why}`]),
  ];
  return textTable([`secret (to ${mount})`, "change", "version", "steps"], rows);
}

function resultWords({ outcome, secrets, unreadable, writes }: ReplicationResult): string {
  if (outcome === "SYNC_SIMULATED") return SIMULATED;
  const rows = [
    ...secrets.map(({ path, change, version, outcome: ended, why }) => [
      path,
      change,
      String(version),
      why === undefined ? ended : `${ended}: ${ended === "HELD" ? heldWords(path, why) : why}`,
    ]),
    ...unreadable.map(({ path, end, reason, why }) => [
      path,
      LEFT_ALONE,
      "",
      `${reason.toUpperCase()}: ${end}: ${why}`,
    ]),
  ];
  const left = unreadable.length === 0 ? "" : `, ${unreadable.length} ${LEFT_ALONE}`;
  return (
    `${textTable(["secret", "change", "version", "outcome"], rows)}\n\n` +
    `${outcome}: ${count(secrets.length, "secret")}${left}, ${count(writes, "write")}`
  );
}

function heldWords(path: string, held: string): string {
  return `${held}; let it happen with --confirm ${path}`;
}

/** Which Vault stands in the way, why, and what to do about it: once, however many paths it is true of. */
function tellMends(
  terminal: Terminal,
  { addresses }: VaultTask,
  { away = [], unreadable }: Pick<ReplicationResult, "away" | "unreadable">,
): void {
  const hindrances = unreadable.map(
    ({ end, ...hindrance }) => `${end} Vault ${addresses[end]}: ${withMend(hindrance)}`,
  );
  for (const line of new Set([...away, ...hindrances])) terminal.error(`${line}\n`);
}
