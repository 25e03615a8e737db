import type { KvStore } from "./kv-store";
import { readable } from "./opted-in";
import { recordReplica } from "./replica-signature";
import type { ReplicaRecord, ReplicaTrust } from "./replica-signature";
import type { ReplicatedSecret } from "./replicate";
import { readSecretSet } from "./secret-set";

/**
 * Reads each secret of a replication again from the far side, and records what its signature says. One
 * that is older than the primary's is at fault, good as its signature may be.
 *
 * @throws VaultUnreachable if the far side went away.
 */
export async function recordReplicas(
  secondary: KvStore,
  mount: string,
  secrets: readonly ReplicatedSecret[],
  trust: ReplicaTrust,
): Promise<ReplicaRecord[]> {
  const records: ReplicaRecord[] = [];
  for (const { path, version } of secrets) {
    const set = await readable(() => readSecretSet(secondary, path));
    if ("notRead" in set) {
      records.push({ mount, path, version, fault: `it could not be read: ${set.notRead.reason}` });
    } else if (set.value !== undefined) {
      const atLeast = { ...trust, minimumVersion: version };
      records.push(recordReplica({ mount, path }, set.value, atLeast));
    }
  }
  return records;
}
