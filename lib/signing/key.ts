import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { UsageError } from "../support/problem";
import { sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import type { Secret } from "../support/secret";

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
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return new NodeSigningKey(privateKey, "ecdsa-p256");
}

/**
 * Reads a private key from PEM: PKCS#8, plain or encrypted (RFC 5958), ECDSA P-256 or Ed25519.
 * Cosign's own encrypted key files are not read: they are sealed with NaCl secretbox, which
 * Node's crypto does not have.
 *
 * @throws UsageError for any other kind of file or key, or a wrong password. The message holds
 * nothing of the file.
 */
export function readPrivateKey(pem: string, password?: Secret): SigningKey {
  const label = pemLabel(pem);
  if (label !== "PRIVATE KEY" && label !== "ENCRYPTED PRIVATE KEY") {
    throw keyError("private key", `${received(label)}; allowed: a PKCS#8 PEM`, MAKE_KEY);
  }
  if (label === "ENCRYPTED PRIVATE KEY" && password === undefined) {
    throw keyError("private key", "is encrypted, and no password was given", "give its password");
  }
  const privateKey = attempt(
    () =>
      createPrivateKey(
        password === undefined
          ? { key: pem, format: "pem" }
          : { key: pem, format: "pem", passphrase: password.reveal() },
      ),
    // OpenSSL's own message is left out: it may quote what it read.
    () => keyError("private key", "cannot be read; the file is damaged or the password is wrong"),
  );
  return new NodeSigningKey(privateKey, algorithmOf(privateKey, "private key"));
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
  const label = pemLabel(pem);
  // Node would derive a public key from a private one without a word: a private key given as the
  // trust root is a mistake its owner has to hear of.
  if (label !== "PUBLIC KEY") {
    throw keyError("public key", `${received(label)}; allowed: one PEM block PUBLIC KEY`);
  }
  return attempt(
    () => createPublicKey({ key: pem, format: "pem" }),
    () => keyError("public key", "cannot be read; the file is damaged"),
  );
}

const PEM = /^\s*-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=:,.\-\s]*?-----END \1-----\s*$/;

/** The label of a text that is exactly one PEM block. */
function pemLabel(pem: string): string | undefined {
  if (pem.split("-----BEGIN ").length !== 2) return undefined;
  return PEM.exec(pem)?.[1];
}

function received(label: string | undefined): string {
  return label === undefined ? "is not one PEM block" : `is a PEM block ${label}`;
}

function algorithmOf(key: KeyObject, subject: string): KeyAlgorithm {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === "ec" && curve === "prime256v1") return "ecdsa-p256";
  if (key.asymmetricKeyType === "ed25519") return "ed25519";
  const kind = [key.asymmetricKeyType, curve].filter((part) => part !== undefined).join(" ");
  throw keyError(subject, `has the algorithm ${kind}; allowed: ECDSA P-256, Ed25519`, MAKE_KEY);
}

const MAKE_KEY =
  "make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out cosign.pem";

function keyIdOf(publicKey: KeyObject): Digest {
  return sha256(publicKey.export({ type: "spki", format: "der" }));
}

function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

function attempt<T>(action: () => T, failure: () => Error): T {
  try {
    return action();
  } catch {
    throw failure();
  }
}

function keyError(subject: string, message: string, mend?: string): UsageError {
  return new UsageError(subject, [
    mend === undefined ? { path: "", message } : { path: "", message, mend },
  ]);
}
