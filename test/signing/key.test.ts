import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { signBlob, verifyBlob } from "../../lib/signing/blob-signature";
import {
  generateKeyFiles,
  generateSigningKey,
  isSealed,
  loadPublicKey,
  readPrivateKey,
} from "../../lib/signing/key";
import { sealKeyFile } from "../../lib/signing/key-file";
import { sha256 } from "../../lib/support/digest";
import { Secret } from "../../lib/support/secret";
import {
  COSIGN_ED25519_KEY,
  COSIGN_ED25519_PUB,
  COSIGN_KEY,
  COSIGN_KEY_AT_HIGHEST_COST,
  COSIGN_KEY_OF_OLD,
  COSIGN_PASSWORD,
  COSIGN_PUB,
} from "./cosign-made";

const message = Buffer.from("message");

function ecPair(namedCurve: string) {
  return generateKeyPairSync("ec", { namedCurve });
}

function pkcs8(pair: ReturnType<typeof ecPair>): string {
  return pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function spki(pair: ReturnType<typeof ecPair>): string {
  return pair.publicKey.export({ type: "spki", format: "pem" }).toString();
}

describe("generateSigningKey", () => {
  test("names the key by the hash of its SubjectPublicKeyInfo", () => {
    const key = generateSigningKey();
    const der = Buffer.from(key.publicKeyPem.replace(/-----.*-----/g, ""), "base64");
    expect(loadPublicKey(key.publicKeyPem)).toEqual({
      keyId: sha256(der),
      algorithm: "ecdsa-p256",
      pem: key.publicKeyPem,
    });
    expect(key.keyId).toBe(sha256(der));
  });

  test("does not print its private half", () => {
    const key = generateSigningKey();
    expect(Object.keys(key).sort()).toEqual(["keyId", "publicKeyPem"]);
    expect(inspect(key, { showHidden: true, depth: 9 })).not.toMatch(/PRIVATE|KeyObject/);
  });
});

describe("readPrivateKey", () => {
  test("reads a plain PKCS#8 key", () => {
    const pair = ecPair("prime256v1");
    const key = readPrivateKey(pkcs8(pair));
    expect(verifyBlob(message, signBlob(message, key), [spki(pair)])).toEqual({
      verified: true,
      keyId: key.keyId,
    });
  });

  test("reads an Ed25519 key", () => {
    const pair = generateKeyPairSync("ed25519");
    const pem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const key = readPrivateKey(pem);
    expect(loadPublicKey(key.publicKeyPem).algorithm).toBe("ed25519");
    expect(verifyBlob(message, signBlob(message, key), [key.publicKeyPem]).verified).toBe(true);
  });

  test("reads an encrypted key with its password", () => {
    const { privateKey } = ecPair("prime256v1");
    const pem = privateKey
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "canary-pass" })
      .toString();
    expect(readPrivateKey(pem, Secret.of("canary-pass")).keyId).toMatch(/^sha256:/);
    expect(() => readPrivateKey(pem)).toThrow("is encrypted, and no password was given");
    expect(() => readPrivateKey(pem, Secret.of("canary-wrong"))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("canary") as string }),
    );
  });

  test("reads a key file of cosign, which signs what cosign's public key verifies", () => {
    const key = readPrivateKey(COSIGN_KEY, COSIGN_PASSWORD);
    expect(key.publicKeyPem).toBe(COSIGN_PUB);
    expect(verifyBlob(message, signBlob(message, key), [COSIGN_PUB]).verified).toBe(true);
  });

  test("reads a key file that cosign made of an Ed25519 key", () => {
    const key = readPrivateKey(COSIGN_ED25519_KEY, COSIGN_PASSWORD);
    expect(key.publicKeyPem).toBe(COSIGN_ED25519_PUB);
    expect(loadPublicKey(key.publicKeyPem).algorithm).toBe("ed25519");
  });

  test.each([
    ["of old", COSIGN_KEY_OF_OLD],
    ["at the highest cost", COSIGN_KEY_AT_HIGHEST_COST],
  ])("reads a key file of cosign %s", (_, pem) => {
    expect(readPrivateKey(pem, COSIGN_PASSWORD).publicKeyPem).toBe(COSIGN_PUB);
  });

  test("fails for a key file of cosign without a password, or with a wrong one", () => {
    expect(() => readPrivateKey(COSIGN_KEY)).toThrow(
      "is encrypted, and no password was given; set COSIGN_PASSWORD to it",
    );
    expect(() => readPrivateKey(COSIGN_KEY, Secret.of(""))).toThrow("the password is wrong");
  });

  test("fails for a key file that holds no key, without quoting it", () => {
    const pem = sealKeyFile(Buffer.from("canary"), COSIGN_PASSWORD);
    expect(() => readPrivateKey(pem, COSIGN_PASSWORD)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("canary") as string }),
    );
  });

  test("fails for another kind of file, and says how to make a key", () => {
    const pem = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    expect(() => readPrivateKey(pem)).toThrow(
      "is a PEM block EC PRIVATE KEY; allowed: a key file of cosign, or PKCS#8 in PEM; " +
        "make a key pair with: atom key generate",
    );
  });

  test.each(["secp384r1", "secp256k1"])("fails for the curve %s", (curve) => {
    expect(() => readPrivateKey(pkcs8(ecPair(curve)))).toThrow(
      `has the algorithm ec ${curve}; allowed: ECDSA P-256, Ed25519`,
    );
  });

  test("fails for a damaged file without quoting it", () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n";
    expect(() => readPrivateKey(pem)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("Y2FuYXJ5") as string }),
    );
  });
});

describe("generateKeyFiles", () => {
  test("makes a key that only its password opens, and its public half", () => {
    const password = Secret.of("canary-pass");
    const files = generateKeyFiles(password);
    expect(isSealed(files.privateKeyPem)).toBe(true);
    expect(readPrivateKey(files.privateKeyPem, password).publicKeyPem).toBe(files.publicKeyPem);
    expect(loadPublicKey(files.publicKeyPem).algorithm).toBe("ecdsa-p256");
  });
});

describe("loadPublicKey", () => {
  test("fails for RSA", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    expect(() => loadPublicKey(pem)).toThrow(
      "has the algorithm rsa; allowed: ECDSA P-256, Ed25519",
    );
  });

  test.each([
    ["a private key", () => pkcs8(ecPair("prime256v1"))],
    ["two keys", () => spki(ecPair("prime256v1")) + spki(ecPair("prime256v1"))],
    ["an empty file", () => ""],
    ["text before the key", () => `key:\n${spki(ecPair("prime256v1"))}`],
  ])("fails for %s", (_, pem) => {
    expect(() => loadPublicKey(pem())).toThrow(/Invalid public key/);
  });
});
