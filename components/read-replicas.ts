import { FLEET_FILES } from "../lib/fleet/fleet-files";
import { systemClock } from "../lib/support/clock";
import type { ReplicaRecord } from "../lib/vault/replica-signature";
import { readReplicaState } from "../lib/vault/replica-state";
import { checked } from "./usage";

/**
 * What the signatures of the replicated secrets say, as `atom vault sync` found them; nothing before
 * the first sync.
 *
 * @param path @default "vault_replicas.json"
 * @throws UsageError that says how to mend a file that is damaged.
 */
export function readReplicas(path: string = FLEET_FILES.replicas): readonly ReplicaRecord[] {
  return checked(() => readReplicaState(path, systemClock.now()));
}
