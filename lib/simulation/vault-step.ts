import { randomBytes } from "node:crypto";
import { secretsIn } from "../../stacks/stack-inputs";
import type { Fleet } from "../fleet/schema";
import { readSimulationSecrets } from "../fleet/simulation-secrets";
import type { ReplicaNode } from "../policy/graph/graph";
import type { ReplicaReport } from "../report/vault-report";
import type { SigningKey } from "../signing/key";
import type { Clock } from "../support/clock";
import type { Redactor } from "../support/redactor";
import { Secret } from "../support/secret";
import type { KvStore } from "../vault/kv-store";
import { MemoryKvStore } from "../vault/memory-kv-store";
import { openPayload, sealPayload } from "../vault/payload";
import { recordReplicas } from "../vault/record-replicas";
import { applyReplication } from "../vault/replicate";
import { planReplication } from "../vault/replication-plan";
import { tenantSecretPath } from "../vault/secret-path";
import { seedStore } from "../vault/seed";
import { SyncLog } from "../vault/sync-log";
import type { StepContext, StepReport } from "./step";

/** One cluster's replica with the stores behind it. */
export interface SimulatedReplica extends ReplicaReport {
  readonly paths: readonly string[];
  readonly secondary: KvStore;
  /** Each secret as it now lies there, read again. */
  readonly records: readonly ReplicaNode[];
}

export interface VaultStepResult {
  readonly primary: KvStore;
  readonly replicas: readonly SimulatedReplica[];
  /** Text of `vault_sync.log`. */
  readonly log: string;
}

/** Replicates every region's secrets from one store in memory to another. */
export async function syncVault(
  fleet: Fleet,
  options: {
    readonly folder: string;
    readonly key: SigningKey;
    readonly clock: Clock;
    readonly redactor: Redactor;
  },
  { progress }: StepContext,
): Promise<StepReport<VaultStepResult>> {
  const { key, clock } = options;
  const primary = new MemoryKvStore(clock);
  await fillPrimary(primary, fleet, options);
  const log = new SyncLog(clock);
  const replicas: SimulatedReplica[] = [];
  for (const { name: cluster, region } of fleet.clusters) {
    const secondary = new MemoryKvStore(clock);
    const mount = `${fleet.vault.mount}-${cluster}`;
    const paths = secretPathsIn(fleet, region);
    const plan = await planReplication(primary, secondary, { mount, paths });
    const result = await applyReplication(plan, { primary, secondary, key, clock, log });
    log.append({
      action: "sync",
      path: mount,
      version: null,
      outcome: "SYNC_SIMULATED",
    });
    const trust = { keys: [key.publicKeyPem], now: clock.now() };
    const records = (await recordReplicas(secondary, mount, result.secrets, trust)).map(
      (record): ReplicaNode => ({
        ...record,
        id: `secret ${mount}/${record.path}`,
        scope: { cluster, tenant: result.secrets.find(({ path }) => path === record.path)!.tenant },
      }),
    );
    replicas.push({ cluster, mount, result, paths, secondary, records });
    progress(`${cluster}: ${result.secrets.length} secrets, ${result.outcome}`);
  }
  const incomplete = replicas.filter(({ result }) => result.outcome !== "SYNCED");
  const secrets = replicas.reduce((sum, { result }) => sum + result.secrets.length, 0);
  return {
    result: { primary, replicas, log: log.text },
    outcome: incomplete.length > 0 ? "failed" : "ok",
    summary:
      incomplete.length > 0
        ? incomplete.map(({ cluster, result }) => `${cluster}: ${result.outcome}`).join("; ")
        : `SYNC_SIMULATED: ${secrets} secrets replicated in memory to ${replicas.length} clusters`,
  };
}

/** The paths that the tenants of a region opted into. */
function secretPathsIn(fleet: Fleet, region: string): string[] {
  return Object.entries(secretsIn(fleet, region)).flatMap(([tenant, secrets]) =>
    secrets.map((secret) => tenantSecretPath(tenant, secret)),
  );
}

/** Values come from the seed; a declared secret that it lacks gets a random value. */
async function fillPrimary(
  primary: MemoryKvStore,
  fleet: Fleet,
  { folder, redactor }: { readonly folder: string; readonly redactor: Redactor },
): Promise<void> {
  await seedStore(primary, readSimulationSecrets({ fleet, folder }));
  for (const path of new Set(fleet.regions.flatMap(({ name }) => secretPathsIn(fleet, name)))) {
    const found = await primary.readVersion(path);
    if (found?.state === "live") {
      hide(found.payload, redactor);
    } else {
      const payload = sealPayload({ value: randomBytes(24).toString("base64url") });
      hide(payload, redactor);
      await primary.write(path, payload);
    }
  }
}

/** Makes known what no log may show: every text in a secret. */
function hide(payload: Secret, redactor: Redactor): void {
  for (const text of textsIn(openPayload(payload))) redactor.add(Secret.of(text));
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
