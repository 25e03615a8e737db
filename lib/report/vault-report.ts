import { markdownTable } from "../support/text-table";
import type { ReplicationResult } from "../vault/replicate";
import { bullets, code, count, page } from "./markdown";

/** What became of one cluster's replica. */
export interface ReplicaReport {
  readonly cluster: string;
  /** Mount on the secondary. */
  readonly mount: string;
  readonly result: ReplicationResult;
}

/** `G.3.3_vault_sync.md` */
export function vaultSyncPage(replicas: readonly ReplicaReport[]): string {
  const secrets = replicas.flatMap(({ mount, result }) =>
    result.secrets.map((secret) => ({ mount, ...secret })),
  );
  return page(
    "Vault sync",
    `\`SYNC_SIMULATED\`: no Vault was reached. ${count(secrets.length, "secret")} replicated between stores in ` +
      "memory, by the same comparison, signatures and read-back that a real pair of Vaults gets.",
    markdownTable(
      ["cluster", "mount", "outcome", "secrets", "writes"],
      replicas.map(({ cluster, mount, result }) => [
        cluster,
        code(mount),
        result.outcome,
        String(result.secrets.length),
        String(result.writes),
      ]),
    ),
    "## Secrets",
    markdownTable(
      ["mount", "path", "tenant", "version", "change", "outcome"],
      secrets.map(({ mount, path, tenant, version, change, outcome }) => [
        code(mount),
        code(path),
        tenant,
        String(version),
        change,
        outcome,
      ]),
    ),
    "## Next",
    bullets([
      "`vault_sync.log` holds each step; every line carries the hash of the one before. No value is in it, nor a hash of one.",
      "With real Vaults: `atom vault plan`, then `atom vault sync --apply`.",
    ]),
  );
}
