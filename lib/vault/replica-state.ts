import { z } from "zod";
import { writeJsonAtomic } from "../support/atomic-file";
import { readStateFile } from "../support/state-file";
import type { ReplicaBindings, ReplicaRecord } from "./replica-signature";

const place = { mount: z.string(), path: z.string() };
const version = z.int().nonnegative();

const bindingsSchema: z.ZodType<ReplicaBindings> = z.strictObject({
  ...place,
  version,
  format: z.string(),
  tenant: z.string().nullable(),
  signedAt: z.string(),
  expires: z.string(),
});

/** What the signature of each replica says, as the last sync found it (`vault_replicas.json`). No value is in it. */
const replicaStateSchema = z.strictObject({
  version: z.literal(1),
  replicas: z
    .array(
      z.strictObject({
        ...place,
        version,
        statement: bindingsSchema.optional(),
        fault: z.string().optional(),
      }),
    )
    .readonly(),
});

/**
 * Reads what the signatures of the replicas say. One that counts no more by now is at fault, whatever
 * the last sync found.
 *
 * @returns none if there is no such file.
 * @throws UsageError if the file is of another version or holds anything unknown.
 */
export function readReplicaState(path: string, now: Date): readonly ReplicaRecord[] {
  const state = readStateFile(path, replicaStateSchema, {
    subject: "replica state",
    version: 1,
    mend: "delete it and run: atom vault sync --apply",
  });
  return (state?.replicas ?? []).map(({ statement, fault, ...record }) => {
    const expired = statement !== undefined && Date.parse(statement.expires) <= now.getTime();
    const found = expired ? `its signature expired at ${statement.expires}` : fault;
    return {
      ...record,
      ...(statement === undefined ? {} : { statement }),
      ...(found === undefined ? {} : { fault: found }),
    };
  });
}

/**
 * Writes what the signatures of one mount's replicas say, beside those of the other mounts.
 *
 * @param mount whose records are replaced.
 */
export function writeReplicaState(
  path: string,
  mount: string,
  records: readonly ReplicaRecord[],
  now: Date,
): void {
  const others = readReplicaState(path, now).filter((record) => record.mount !== mount);
  const replicas = [...others, ...records].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  writeJsonAtomic(path, { version: 1, replicas });
}

function keyOf({ mount, path }: ReplicaRecord): string {
  return `${mount}\n${path}`;
}
