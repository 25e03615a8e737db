import { verify } from "node:crypto";
import { ecdsaSignatureFault } from "./ecdsa-der";
import type { SigningKey, VerificationKey } from "./key";
import type { Verification } from "./signature";
import { readTrustedKeys } from "./trusted-keys";

/** Signs bytes as `cosign sign-blob --key` does; base64. */
export function signBlob(bytes: Uint8Array, key: SigningKey): string {
  return Buffer.from(key.sign(bytes)).toString("base64");
}

/**
 * Checks a base64 signature over bytes against every trusted key (more than one while keys are
 * rotated). No key at all verifies nothing.
 *
 * @param keys public keys in PEM, each text of one block or several; see {@link readTrustedKeys}.
 * @throws UsageError if a key cannot be read: a broken trust root must not look like a bad signature.
 */
export function verifyBlob(
  bytes: Uint8Array,
  signature: string,
  keys: readonly string[],
): Verification {
  const trusted = keys.flatMap(readTrustedKeys);
  if (trusted.length === 0) return { verified: false, reason: "no key is trusted" };
  const raw = decodeBase64(signature);
  if (raw === undefined) return { verified: false, reason: "the signature is not base64" };
  const reasons = new Set<string>();
  for (const key of trusted) {
    const fault = signatureFault(bytes, raw, key);
    if (fault === undefined) return { verified: true, keyId: key.keyId };
    reasons.add(fault);
  }
  return { verified: false, reason: [...reasons].join("; ") };
}

const ED25519_BYTES = 64;

function signatureFault(
  bytes: Uint8Array,
  signature: Uint8Array,
  key: VerificationKey,
): string | undefined {
  const malformed =
    key.algorithm === "ecdsa-p256"
      ? ecdsaSignatureFault(signature)
      : signature.length === ED25519_BYTES
        ? undefined
        : `it has ${signature.length} bytes, an Ed25519 signature has ${ED25519_BYTES}`;
  if (malformed !== undefined) return `the signature is malformed: ${malformed}`;
  const digest = key.algorithm === "ed25519" ? null : "sha256";
  return verify(digest, bytes, key.pem, signature)
    ? undefined
    : "the signature was not made by a trusted key over these bytes";
}

/** Decodes base64 in its one canonical form; Node's decoder alone skips what it does not know. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
