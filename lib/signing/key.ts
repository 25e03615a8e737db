import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject, PrivateKeyInput } from "node:crypto";
import { sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import type { Secret } from "../support/secret";
import { keyError, MAKE_KEY } from "./key-error";
import { KEY_FILE_LABELS, openKeyFile, sealKeyFile } from "./key-file";
import { describePem, pemLabel } from "./pem";

/** The algorithms this library signs and verifies with; every other one is refused. */
export type KeyAlgorithm = "ecdsa-p256" | "ed25519";

/** A public key that signatures are checked against. */
export interface VerificationKey {
  /** sha256 of the key's DER (SubjectPublicKeyInfo). */
  readonly keyId: Digest;
  readonly algorithm: KeyAlgorithm;
  /** SubjectPublicKeyInfo as PEM, as cosign writes `cosign.pub`. */
  readonly pem: string;
}

/** A key pair that signs. The private half has no accessor and does not print. */
export interface SigningKey {
  /** sha256 of the public key's DER (SubjectPublicKeyInfo). */
  readonly keyId: Digest;
  readonly publicKeyPem: string;
  /** Signs bytes: ECDSA P-256 over SHA-256 as ASN.1 DER, or Ed25519, whichever the key is. */
  sign(bytes: Uint8Array): Uint8Array;
}

class NodeSigningKey implements SigningKey {
  readonly keyId: Digest;
  readonly publicKeyPem: string;
  readonly #privateKey: KeyObject;
  readonly #algorithm: KeyAlgorithm;

  constructor(privateKey: KeyObject, algorithm: KeyAlgorithm) {
    const publicKey = createPublicKey(privateKey);
    this.#privateKey = privateKey;
    this.#algorithm = algorithm;
    this.keyId = keyIdOf(publicKey);
    this.publicKeyPem = pemOf(publicKey);
  }

  sign(bytes: Uint8Array): Uint8Array {
    // Ed25519 hashes by itself; Node wants no digest name for it.
    return sign(this.#algorithm === "ed25519" ? null : "sha256", bytes, this.#privateKey);
  }
}

/** A new ECDSA P-256 key, the kind `cosign generate-key-pair` makes. It lives in memory only. */
export function generateSigningKey(): SigningKey {
  return new NodeSigningKey(generatePrivateKey(), "ecdsa-p256");
}

/** A new key as two files, the private one sealed with a password as cosign seals it. */
export interface KeyFiles {
  /** `ENCRYPTED SIGSTORE PRIVATE KEY`, for `cosign.key`. */
  readonly privateKeyPem: string;
  /** `PUBLIC KEY`, for `cosign.pub`. */
  readonly publicKeyPem: string;
}

/** Makes what `cosign generate-key-pair` makes. */
export function generateKeyFiles(password: Secret): KeyFiles {
  const privateKey = generatePrivateKey();
  const der = privateKey.export({ type: "pkcs8", format: "der" });
  return {
    privateKeyPem: sealKeyFile(der, password),
    publicKeyPem: pemOf(createPublicKey(privateKey)),
  };
}

/** Whether a text is a private key that only a password opens. */
export function isSealed(pem: string): boolean {
  return [...KEY_FILE_LABELS, ENCRYPTED_PKCS8].includes(pemLabel(pem) ?? "");
}

/**
 * Reads a private key from PEM, ECDSA P-256 or Ed25519: one of cosign's key files, or PKCS#8, plain
 * or encrypted (RFC 5958).
 *
 * @throws UsageError for any other kind of file or key, or a wrong password. The message holds
 * nothing of the file.
 */
export function readPrivateKey(pem: string, password?: Secret): SigningKey {
  const privateKey = parsePrivateKey(pem, password);
  return new NodeSigningKey(privateKey, algorithmOf(privateKey, "private key"));
}

const ENCRYPTED_PKCS8 = "ENCRYPTED PRIVATE KEY";

function parsePrivateKey(pem: string, password: Secret | undefined): KeyObject {
  const label = pemLabel(pem);
  if (label === "PRIVATE KEY") return privateKeyOf({ key: pem, format: "pem" });
  if (!isSealed(pem)) {
    const allowed = "allowed: a key file of cosign, or PKCS#8 in PEM";
    throw keyError("private key", `${describePem(pem)}; ${allowed}`, MAKE_KEY);
  }
  if (password === undefined) {
    const message = "is encrypted, and no password was given";
    throw keyError("private key", message, "set COSIGN_PASSWORD to it");
  }
  return label === ENCRYPTED_PKCS8
    ? privateKeyOf({ key: pem, format: "pem", passphrase: password.reveal() })
    : privateKeyOf({ key: openKeyFile(pem, password), format: "der", type: "pkcs8" });
}

function privateKeyOf(input: PrivateKeyInput): KeyObject {
  try {
    return createPrivateKey(input);
  } catch {
    // OpenSSL's own message is left out: it may quote what it read.
    throw keyError("private key", "cannot be read; the password is wrong or the file is damaged");
  }
}

/**
 * Reads a public key (`-----BEGIN PUBLIC KEY-----`, as in `cosign.pub`).
 *
 * @throws UsageError if it is no single public key in PEM, or neither ECDSA P-256 nor Ed25519.
 */
export function loadPublicKey(pem: string): VerificationKey {
  const publicKey = parsePublicKey(pem);
  return {
    keyId: keyIdOf(publicKey),
    algorithm: algorithmOf(publicKey, "public key"),
    pem: pemOf(publicKey),
  };
}

function parsePublicKey(pem: string): KeyObject {
  // Node would derive a public key from a private one without a word: a private key given as the
  // trust root is a mistake its owner has to hear of.
  if (pemLabel(pem) !== "PUBLIC KEY") {
    throw keyError("public key", `${describePem(pem)}; allowed: one PEM block PUBLIC KEY`);
  }
  try {
    return createPublicKey({ key: pem, format: "pem" });
  } catch {
    throw keyError("public key", "cannot be read; the file is damaged");
  }
}

function generatePrivateKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
}

function algorithmOf(key: KeyObject, subject: string): KeyAlgorithm {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === "ec" && curve === "prime256v1") return "ecdsa-p256";
  if (key.asymmetricKeyType === "ed25519") return "ed25519";
  const kind = [key.asymmetricKeyType, curve].filter((part) => part !== undefined).join(" ");
  throw keyError(subject, `has the algorithm ${kind}; allowed: ECDSA P-256, Ed25519`, MAKE_KEY);
}

function keyIdOf(publicKey: KeyObject): Digest {
  return sha256(publicKey.export({ type: "spki", format: "der" }));
}

function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}
