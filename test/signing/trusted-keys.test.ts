import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { generateSigningKey, loadPublicKey } from "../../lib/signing/key";
import { readTrustedKeys } from "../../lib/signing/trusted-keys";

const [old, next] = [generateSigningKey().publicKeyPem, generateSigningKey().publicKeyPem];
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .publicKey.export({ type: "spki", format: "pem" })
  .toString();
const secret = generateKeyPairSync("ed25519")
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

describe("readTrustedKeys", () => {
  test.each([
    ["one key", next, [next]],
    ["two keys, while one is being replaced", next + old, [next, old]],
    ["blanks around and between them", `\n${next}\r\n \n${old}\n\n`, [next, old]],
  ])("reads %s", (_, text, keys) => {
    expect(readTrustedKeys(text)).toEqual(keys.map(loadPublicKey));
  });

  test.each([
    ["no key", "", /the file holds no key/],
    ["blanks only", " \n", /the file holds no key/],
    ["a private key", secret, /- is a PEM block PRIVATE KEY; allowed: one PEM block PUBLIC KEY$/],
    ["a private key after a public one", next + secret, /- key 2 of 2: is a PEM block PRIVATE KEY/],
    ["a key of another algorithm", rsa + next, /- key 1 of 2: has the algorithm rsa; allowed:/],
    ["words between the keys", `${next}old:\n${old}`, /- key 2 of 2: is not one PEM block/],
    ["words after the keys", `${next}${old}end`, /- key 3 of 3: is not one PEM block/],
    ["half a key", next.slice(0, -20), /- is not one PEM block/],
  ])("fails for %s", (_, text, message) => {
    expect(() => readTrustedKeys(text)).toThrow(message);
  });
});
