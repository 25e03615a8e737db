import { randomBytes, scryptSync } from "node:crypto";
import { secretbox } from "@noble/ciphers/salsa";
import { z } from "zod";
import type { Secret } from "../support/secret";
import { parseStrictJson } from "../support/strict-json";
import { keyError } from "./key-error";
import { pemContent, toPem } from "./pem";

/** What cosign writes over a key file, and what it wrote before version 2. */
export const KEY_FILE_LABELS: readonly string[] = [
  "ENCRYPTED SIGSTORE PRIVATE KEY",
  "ENCRYPTED COSIGN PRIVATE KEY",
];

/** The scrypt costs that cosign writes or has written; it reads no others, and neither is one read here. */
const COSTS = [65_536, 32_768, 131_072] as const;
const BLOCK_SIZE = 8;

const SALT_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 24;

const keyFileSchema = z.object({
  kdf: z.object({
    name: z.literal("scrypt"),
    params: z.object({
      // A cost is memory: a file that may choose it could exhaust a machine.
      N: z.literal(COSTS),
      r: z.literal(BLOCK_SIZE),
      p: z.literal(1),
    }),
    salt: z.base64(),
  }),
  cipher: z.object({ name: z.literal("nacl/secretbox"), nonce: z.base64() }),
  ciphertext: z.base64(),
});

/**
 * Opens one of cosign's key files: scrypt over the password, NaCl secretbox over a PKCS#8 key.
 * Source: secure-systems-lab/go-securesystemslib, package encrypted.
 *
 * @param pem one PEM block with a label of {@link KEY_FILE_LABELS}.
 * @returns the key as PKCS#8 in DER.
 * @throws UsageError for a wrong password, and for a file that is damaged or of another make. The
 * message holds nothing of the file.
 */
export function openKeyFile(pem: string, password: Secret): Buffer {
  const { kdf, cipher, ciphertext } = parseKeyFile(pemContent(pem));
  const nonce = Buffer.from(cipher.nonce, "base64");
  if (nonce.length !== NONCE_BYTES) throw notUnderstood();
  const key = deriveKey(password, Buffer.from(kdf.salt, "base64"), kdf.params.N);
  try {
    return Buffer.from(secretbox(key, nonce).open(Buffer.from(ciphertext, "base64")));
  } catch {
    // The seal does not tell a wrong password from a changed byte.
    throw keyError("private key", "cannot be read; the password is wrong or the file is damaged");
  }
}

/** Seals a PKCS#8 key in DER as `cosign generate-key-pair` does. */
export function sealKeyFile(der: Uint8Array, password: Secret): string {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const key = deriveKey(password, salt, COSTS[0]);
  const content = {
    kdf: {
      name: "scrypt",
      params: { N: COSTS[0], r: BLOCK_SIZE, p: 1 },
      salt: salt.toString("base64"),
    },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: Buffer.from(secretbox(key, nonce).seal(der)).toString("base64"),
  };
  return toPem(KEY_FILE_LABELS[0]!, Buffer.from(JSON.stringify(content)));
}

function parseKeyFile(content: Buffer): z.infer<typeof keyFileSchema> {
  const json = parseStrictJson(content.toString("utf8"));
  const parsed = keyFileSchema.safeParse("value" in json ? json.value : undefined);
  if (parsed.success) return parsed.data;
  throw notUnderstood();
}

function deriveKey(password: Secret, salt: Buffer, cost: number): Buffer {
  return scryptSync(password.reveal(), salt, KEY_BYTES, {
    N: cost,
    r: BLOCK_SIZE,
    p: 1,
    // scrypt takes 128 * N * r bytes, and OpenSSL some more around them.
    maxmem: 2 * 128 * cost * BLOCK_SIZE,
  });
}

function notUnderstood(): Error {
  return keyError(
    "private key",
    `cannot be read; allowed: scrypt (N of ${[...COSTS].sort((a, b) => a - b).join(", ")}, ` +
      `r ${BLOCK_SIZE}, p 1) with nacl/secretbox, as cosign writes it`,
  );
}
