import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openKeyFile, sealKeyFile } from "../../lib/signing/key-file";
import { pemContent, toPem } from "../../lib/signing/pem";
import { Secret } from "../../lib/support/secret";
import { COSIGN_KEY, COSIGN_PASSWORD } from "./cosign-made";

const LABEL = "ENCRYPTED SIGSTORE PRIVATE KEY";
const CONTENT = Buffer.from("canary: any bytes");
const SEALED = sealKeyFile(CONTENT, COSIGN_PASSWORD);

interface KeyFile {
  kdf: { name: string; params: { N: number; r: number; p: number }; salt: string };
  cipher: { name: string; nonce: string };
  ciphertext: string;
}

/** A sealed key file with something about it changed. */
function changed(change: (file: KeyFile) => void): string {
  const file = JSON.parse(pemContent(SEALED).toString()) as KeyFile;
  change(file);
  return toPem(LABEL, Buffer.from(JSON.stringify(file)));
}

function open(pem: string, password = COSIGN_PASSWORD): () => Buffer {
  return () => openKeyFile(pem, password);
}

const WRONG = "cannot be read; the password is wrong or the file is damaged";
const NOT_UNDERSTOOD = /cannot be read; allowed: scrypt \(N of 32768, 65536, 131072, r 8, p 1\)/;

describe("a key file", () => {
  test("opens to what was sealed, whatever the bytes and the password", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (bytes, password) => {
        const secret = Secret.of(password);
        expect(openKeyFile(sealKeyFile(bytes, secret), secret)).toEqual(Buffer.from(bytes));
      }),
      // Each run derives two keys, which is meant to be slow.
      { numRuns: 4 },
    );
  });

  test("opens with an empty password if it was sealed with one", () => {
    const empty = Secret.of("");
    const sealed = sealKeyFile(CONTENT, empty);
    expect(openKeyFile(sealed, empty)).toEqual(CONTENT);
    expect(open(sealed)).toThrow(WRONG);
  });

  test("has the form that cosign gives it", () => {
    const shape = (pem: string) => {
      const { kdf, cipher, ...others } = JSON.parse(pemContent(pem).toString()) as KeyFile;
      const bytesOf = (base64: string) => Buffer.from(base64, "base64").length;
      return {
        lines: pem.split("\n").map((line) => line.length > 64),
        kdf: { ...kdf, salt: bytesOf(kdf.salt) },
        cipher: { ...cipher, nonce: bytesOf(cipher.nonce) },
        fields: Object.keys(others),
      };
    };
    const der = openKeyFile(COSIGN_KEY, COSIGN_PASSWORD);
    expect(shape(sealKeyFile(der, COSIGN_PASSWORD))).toEqual(shape(COSIGN_KEY));
  });

  test("never seals twice to the same bytes", () => {
    expect(sealKeyFile(CONTENT, COSIGN_PASSWORD)).not.toBe(SEALED);
  });

  test("fails for a wrong password, and repeats nothing", () => {
    const opening = open(SEALED, Secret.of("canary-wrong"));
    expect(opening).toThrow(WRONG);
    expect(opening).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching("canary") as string }),
    );
  });

  test.each<[string, (file: KeyFile) => void]>([
    ["ciphertext", (file) => (file.ciphertext = flipped(file.ciphertext))],
    ["nonce", (file) => (file.cipher.nonce = flipped(file.cipher.nonce))],
    ["salt", (file) => (file.kdf.salt = flipped(file.kdf.salt))],
    ["cost", (file) => (file.kdf.params.N = 32_768)],
    ["ciphertext's length", (file) => (file.ciphertext = "AAAA")],
  ])("fails for a changed %s", (_, change) => {
    expect(open(changed(change))).toThrow(WRONG);
  });

  test.each<[string, (file: KeyFile) => void]>([
    ["a cost that would take the machine's memory", (file) => (file.kdf.params.N = 2 ** 30)],
    ["a cost of next to nothing", (file) => (file.kdf.params.N = 2)],
    ["many rounds", (file) => (file.kdf.params.p = 1_000_000)],
    ["large blocks", (file) => (file.kdf.params.r = 1_000_000)],
    ["another derivation", (file) => (file.kdf.name = "none")],
    ["another cipher", (file) => (file.cipher.name = "none")],
    ["a short nonce", (file) => (file.cipher.nonce = "AAAA")],
    ["a salt that is not base64", (file) => (file.kdf.salt = "*")],
  ])("fails for %s before it derives anything", (_, change) => {
    expect(open(changed(change))).toThrow(NOT_UNDERSTOOD);
  });

  test.each([
    ["no JSON", Buffer.from("canary")],
    ["a list", Buffer.from("[]")],
    ["a key that stands twice", Buffer.from('{"ciphertext":"","ciphertext":""}')],
  ])("fails for %s, and repeats nothing", (_, content) => {
    const opening = open(toPem(LABEL, content));
    expect(opening).toThrow(NOT_UNDERSTOOD);
    expect(opening).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching("canary") as string }),
    );
  });
});

function flipped(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  bytes[0]! ^= 1;
  return bytes.toString("base64");
}
