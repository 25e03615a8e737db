import { z } from "zod";
import { decodeBase64, signBlob, verifyBlob } from "./blob-signature";
import type { SigningKey } from "./key";
import { logEntryFault } from "./log-entry";
import type { SignatureRecord, Verification } from "./signature";
import { imageFault } from "./signed-image";
import type { ImageToSign, SignedImage } from "./signed-image";

const PAYLOAD_TYPE = "cosign container image signature";

/** Far above any real payload; what is larger is not parsed. */
export const LARGEST_PAYLOAD = 64 * 1024;

// Keys that are not named here may be there: the format's "optional" part is free.
const payloadSchema = z.object({
  critical: z.object({
    identity: z.object({ "docker-reference": z.string() }),
    image: z.object({ "docker-manifest-digest": z.string() }),
    type: z.string(),
  }),
});

/**
 * Signs an image the way cosign does: a simple-signing payload that names repository and digest,
 * and a signature over its bytes.
 * Source: sigstore/cosign specs/SIGNATURE_SPEC.md; the order of the payload's keys is cosign's.
 */
export function signImage(image: ImageToSign, key: SigningKey): SignatureRecord {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { "docker-reference": image.repository },
        image: { "docker-manifest-digest": image.digest },
        type: PAYLOAD_TYPE,
      },
      optional: image.annotations ?? null,
    }),
  );
  return {
    repository: image.repository,
    digest: image.digest,
    payload: payload.toString("base64"),
    signature: signBlob(payload, key),
    keyId: key.keyId,
  };
}

/**
 * Checks that a record is a trusted key's signature of exactly this digest in exactly this
 * repository. The record's own fields are claims, not proof: what counts is the signed payload. A
 * log entry in it has to be about this very signature.
 *
 * @param keys trusted public keys in PEM; none verifies nothing.
 * @throws UsageError if a key cannot be read.
 */
export function verifyImageSignature(
  record: SignatureRecord,
  expected: SignedImage,
  keys: readonly string[],
): Verification {
  const payload = decodeBase64(record.payload);
  if (payload === undefined) return fails("the payload is not base64");
  const claims = { repository: record.repository, digest: record.digest };
  const claimFault = imageFault(claims, expected, "the record");
  if (claimFault !== undefined) return fails(claimFault);
  const result = verifySignedPayload(payload, record.signature, expected, keys);
  if (!result.verified) return result;
  if (result.keyId !== record.keyId) {
    return fails(`the record names key ${record.keyId}, the signature was made by ${result.keyId}`);
  }
  const fault = recordedEntryFault(record);
  return fault === undefined ? result : fails(fault);
}

/**
 * Why the log entry in a record is not about the record's own payload, signature and key; undefined
 * if it is, or there is none. Nothing is verified here: give the record to {@link verifyImageSignature}.
 */
export function recordedEntryFault(record: SignatureRecord): string | undefined {
  const { payload, signature, keyId, logEntry } = record;
  if (logEntry === undefined) return undefined;
  const signed = decodeBase64(payload);
  if (signed === undefined) return "the payload is not base64";
  return logEntryFault(logEntry, { signed, signature, keyId });
}

/**
 * Checks a payload and its signature as a registry holds them, where no record says which key made
 * them.
 *
 * @param signature base64.
 * @param keys trusted public keys in PEM; none verifies nothing.
 * @throws UsageError if a key cannot be read.
 */
export function verifySignedPayload(
  payload: Uint8Array,
  signature: string,
  expected: SignedImage,
  keys: readonly string[],
): Verification {
  if (payload.length > LARGEST_PAYLOAD) {
    return fails(`the payload has ${payload.length} bytes, at most ${LARGEST_PAYLOAD} are allowed`);
  }
  // The signature comes first: nothing unsigned is parsed.
  const result = verifyBlob(payload, signature, keys);
  if (!result.verified) return result;
  const fault = payloadFault(payload, expected);
  return fault === undefined ? result : fails(fault);
}

function payloadFault(payload: Uint8Array, expected: SignedImage): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch {
    return "the payload is not JSON";
  }
  const parsed = payloadSchema.safeParse(value);
  if (!parsed.success) return "the payload is no simple-signing document";
  const { identity, image, type } = parsed.data.critical;
  if (type !== PAYLOAD_TYPE) return `the payload's type is not '${PAYLOAD_TYPE}'`;
  const signed = {
    repository: identity["docker-reference"],
    digest: image["docker-manifest-digest"],
  };
  return imageFault(signed, expected, "the payload");
}

function fails(reason: string): Verification {
  return { verified: false, reason };
}
