import { join } from "node:path";
import { z } from "zod";
import type { Digest } from "./digest";
import { isDigest } from "./digest";
import { packageRoot } from "./package-root";
import { readJsonFile } from "./read-json";
import { strictObject } from "./strict-schema";

/** Below the package's folder. */
export const PLAYBOOK_PROOFS = "playbooks/proofs.json";

/** What was seen when a playbook was run on a machine that could be watched. */
export interface PlaybookProof {
  /** Of the bytes of the playbook that was run. */
  readonly digest: Digest;
  /** Version of ansible-core that ran it. */
  readonly ansibleCore: string;
  /** Paths of the files that two dry runs, one after the other, wrote or changed. */
  readonly previewWrites: readonly string[];
  /** How many tasks changed something in the first real run, and in the second one right after it. */
  readonly changed: readonly [first: number, second: number];
}

const proofSchema: z.ZodType<PlaybookProof> = strictObject({
  digest: z.custom<Digest>(isDigest, "is no sha256 digest"),
  ansibleCore: z.string().min(1),
  previewWrites: z.array(z.string()),
  changed: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** The file of proofs: each playbook's by its path below the package's folder. */
export const playbookProofsSchema = strictObject({
  version: z.literal(1),
  proofs: z.record(z.string(), proofSchema),
});

/**
 * The recorded proof of a playbook of the package; undefined if there is none. Whether it is of the
 * playbook as it is now says its digest.
 *
 * @throws UsageError if the file of proofs is not understood.
 */
export function readPlaybookProof(playbook: string): PlaybookProof | undefined {
  const file = readJsonFile(join(packageRoot(), PLAYBOOK_PROOFS), playbookProofsSchema, {
    subject: "playbook proofs",
    mend: "write it anew with the engine tests",
  });
  return file?.proofs[playbook];
}
