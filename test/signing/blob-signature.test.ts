import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64, signBlob, verifyBlob } from "../../lib/signing/blob-signature";
import { generateSigningKey } from "../../lib/signing/key";
import { COSIGN_BLOB_SIGNATURE, COSIGN_PUB } from "./cosign-made";
import { derOf, P256_ORDER, partsOf } from "./ecdsa-parts";

const key = generateSigningKey();
const other = generateSigningKey();
const message = Buffer.from("replicated");
const signature = signBlob(message, key);

describe("verifyBlob", () => {
  test("verifies any bytes it signed, and no others", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, at) => {
        const signed = signBlob(bytes, key);
        expect(verifyBlob(bytes, signed, [key.publicKeyPem])).toEqual({
          verified: true,
          keyId: key.keyId,
        });
        const changed = Uint8Array.from([...bytes, 0]);
        changed[at % changed.length]! ^= 1;
        expect(verifyBlob(changed, signed, [key.publicKeyPem]).verified).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test("verifies with either key while keys are rotated, and names the one", () => {
    const keys = [other.publicKeyPem, key.publicKeyPem];
    expect(verifyBlob(message, signature, keys)).toEqual({ verified: true, keyId: key.keyId });
    expect(verifyBlob(message, signBlob(message, other), keys)).toEqual({
      verified: true,
      keyId: other.keyId,
    });
  });

  test("verifies with either key of one text that holds both", () => {
    const keys = [other.publicKeyPem + key.publicKeyPem];
    expect(verifyBlob(message, signature, keys)).toEqual({ verified: true, keyId: key.keyId });
  });

  test("verifies what cosign signed", () => {
    const result = verifyBlob(Buffer.from("blob"), COSIGN_BLOB_SIGNATURE, [COSIGN_PUB]);
    expect(result.verified).toBe(true);
  });

  test("verifies a signature with high s, as cosign does", () => {
    const { r, s } = partsOf(Buffer.from(signature, "base64"));
    const highS = derOf({ r, s: P256_ORDER - s }).toString("base64");
    expect(highS).not.toBe(signature);
    expect(verifyBlob(message, highS, [key.publicKeyPem]).verified).toBe(true);
  });

  test("fails with an empty trust root", () => {
    expect(verifyBlob(message, signature, [])).toEqual({
      verified: false,
      reason: "no key is trusted",
    });
  });

  test("fails with the wrong key", () => {
    expect(verifyBlob(message, signature, [other.publicKeyPem])).toEqual({
      verified: false,
      reason: "the signature was not made by a trusted key over these bytes",
    });
  });

  test.each([
    ["trailing bytes", Buffer.concat([Buffer.from(signature, "base64"), Buffer.from([0])])],
    ["no bytes", Buffer.alloc(0)],
    ["r and s of 0", Buffer.from([0x30, 6, 2, 1, 0, 2, 1, 0])],
    ["huge ASN.1", Buffer.alloc(1 << 20, 0x30)],
  ])("fails for a signature with %s", (_, bytes) => {
    const result = verifyBlob(message, bytes.toString("base64"), [key.publicKeyPem]);
    expect(result).toEqual({
      verified: false,
      reason: expect.stringMatching(/^the signature is malformed: /) as string,
    });
  });

  test.each([`${signature}\n`, ` ${signature}`, signature.replace(/=*$/, "!"), "*"])(
    "fails for base64 that is not canonical: %j",
    (text) => {
      expect(verifyBlob(message, text, [key.publicKeyPem])).toEqual({
        verified: false,
        reason: "the signature is not base64",
      });
    },
  );

  test("fails loudly for a trust root that cannot be read", () => {
    expect(() => verifyBlob(message, signature, ["not a key"])).toThrow(/Invalid public key/);
  });
});

test("decodeBase64 reads back every encoding", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase64(Buffer.from(bytes).toString("base64"))).toEqual(Buffer.from(bytes));
    }),
  );
});
