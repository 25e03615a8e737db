import { z } from "zod";
import { writeJsonAtomic } from "../support/atomic-file";
import { isDigest } from "../support/digest";
import type { Digest } from "../support/digest";
import { readStateFile } from "../support/state-file";
import { decodeBase64 } from "./blob-signature";
import type { SignatureRecord } from "./signature";

/** The signatures that travel with a fleet, in `atom.signatures.json`. */
export interface SignatureSet {
  readonly version: 1;
  readonly signatures: readonly SignatureRecord[];
}

const digest = z.custom<Digest>(isDigest, "is no sha256 digest");
const base64 = z.string().refine((text) => decodeBase64(text) !== undefined, "is not base64");

const signatureSetSchema = z.strictObject({
  version: z.literal(1),
  signatures: z.array(
    z.strictObject({
      repository: z.string().min(1),
      digest,
      payload: base64,
      signature: base64,
      keyId: digest,
      logEntry: base64.optional(),
    }),
  ),
});

/**
 * Reads a signature file. What it says is not verified here: give each record to
 * `verifyImageSignature`.
 *
 * @returns undefined if there is no such file.
 * @throws UsageError if the file is of another version or holds anything unknown.
 */
export function readSignatureSet(path: string): SignatureSet | undefined {
  return readStateFile(path, signatureSetSchema, {
    subject: "signature file",
    version: 1,
    mend: "delete it and mirror again to sign anew",
  });
}

/** Writes a signature file whole or not at all, its records in one fixed order. */
export function writeSignatureSet(path: string, set: SignatureSet): void {
  const sorted = [...set.signatures].sort(byFields);
  writeJsonAtomic(path, {
    version: set.version,
    signatures: sorted.map(({ repository, digest, payload, signature, keyId, logEntry }) => ({
      repository,
      digest,
      payload,
      signature,
      keyId,
      ...(logEntry === undefined ? {} : { logEntry }),
    })),
  });
}

function byFields(a: SignatureRecord, b: SignatureRecord): number {
  for (const field of ["repository", "digest", "keyId", "payload", "signature"] as const) {
    if (a[field] !== b[field]) return a[field] < b[field] ? -1 : 1;
  }
  return 0;
}
