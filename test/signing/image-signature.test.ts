import { describe, expect, test } from "vitest";
import { signBlob } from "../../lib/signing/blob-signature";
import { signImage, verifyImageSignature } from "../../lib/signing/image-signature";
import { generateSigningKey, loadPublicKey } from "../../lib/signing/key";
import type { SignatureRecord } from "../../lib/signing/signature";
import { sha256 } from "../../lib/support/digest";
import {
  COSIGN_2_SIGNATURE,
  COSIGN_IMAGE,
  COSIGN_PAYLOAD,
  COSIGN_PUB,
  COSIGN_SIGNATURE,
} from "./cosign-made";

const key = generateSigningKey();
const other = generateSigningKey();
const image = { repository: "registry.example:5000/atom/api", digest: sha256("api") };
const record = signImage(image, key);

function verify(changed: Partial<SignatureRecord>, expected = image, keys = [key.publicKeyPem]) {
  return verifyImageSignature({ ...record, ...changed }, expected, keys);
}

/** A record whose payload is whatever is given, properly signed. */
function signedPayload(payload: string | Buffer): Partial<SignatureRecord> {
  const bytes = Buffer.from(payload);
  return { payload: bytes.toString("base64"), signature: signBlob(bytes, key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function document(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    critical: {
      identity: { "docker-reference": image.repository },
      image: { "docker-manifest-digest": image.digest },
      type: "cosign container image signature",
      ...changes,
    },
    optional: null,
  });
}

describe("signImage", () => {
  test("writes the payload byte for byte as cosign does", () => {
    expect(Buffer.from(record.payload, "base64").toString()).toBe(
      `{"critical":{"identity":{"docker-reference":"registry.example:5000/atom/api"},` +
        `"image":{"docker-manifest-digest":"${image.digest}"},` +
        `"type":"cosign container image signature"},"optional":null}`,
    );
  });

  test("signs annotations along", () => {
    const annotated = signImage({ ...image, annotations: { release: "7.2.0" } }, key);
    expect(JSON.parse(Buffer.from(annotated.payload, "base64").toString())).toMatchObject({
      optional: { release: "7.2.0" },
    });
    expect(verifyImageSignature(annotated, image, [key.publicKeyPem]).verified).toBe(true);
  });
});

describe("verifyImageSignature", () => {
  test("verifies what was signed", () => {
    expect(verify({})).toEqual({ verified: true, keyId: key.keyId });
  });

  test.each([
    ["3", COSIGN_SIGNATURE],
    ["2", COSIGN_2_SIGNATURE],
  ])("verifies what cosign %s signed", (_, signature) => {
    const { keyId } = loadPublicKey(COSIGN_PUB);
    const cosigned = { ...COSIGN_IMAGE, payload: base64(COSIGN_PAYLOAD), signature, keyId };
    expect(verifyImageSignature(cosigned, COSIGN_IMAGE, [COSIGN_PUB])).toEqual({
      verified: true,
      keyId,
    });
  });

  test("verifies with either key while keys are rotated", () => {
    const keys = [other.publicKeyPem, key.publicKeyPem];
    expect(verify({}, image, keys)).toEqual({ verified: true, keyId: key.keyId });
    const renewed = signImage(image, other);
    expect(verify(renewed, image, keys)).toEqual({ verified: true, keyId: other.keyId });
    expect(verify({}, image, [other.publicKeyPem]).verified).toBe(false);
  });

  test("fails with an empty trust root", () => {
    expect(verify({}, image, [])).toEqual({ verified: false, reason: "no key is trusted" });
  });

  test("fails for a forged signature", () => {
    const forged = Buffer.from(record.signature, "base64");
    forged[forged.length - 1]! ^= 1;
    expect(verify({ signature: forged.toString("base64") }).verified).toBe(false);
  });

  test("fails for the signature of another repository, even if the record claims this one", () => {
    const foreign = signImage({ ...image, repository: "registry.example:5000/atom/worker" }, key);
    expect(verify(foreign)).toEqual({
      verified: false,
      reason:
        'the record is about the repository "registry.example:5000/atom/worker", not registry.example:5000/atom/api',
    });
    expect(verify({ ...foreign, repository: image.repository })).toEqual({
      verified: false,
      reason:
        'the payload is about the repository "registry.example:5000/atom/worker", not registry.example:5000/atom/api',
    });
  });

  test("fails for an older version that was validly signed", () => {
    const old = signImage({ ...image, digest: sha256("api, last year") }, key);
    expect(verify({ ...old, digest: image.digest })).toEqual({
      verified: false,
      reason: `the payload is about the digest "${old.digest}", not ${image.digest}`,
    });
  });

  test("fails if the record names another key than made the signature", () => {
    expect(verify({ keyId: other.keyId }, image, [key.publicKeyPem, other.publicKeyPem])).toEqual({
      verified: false,
      reason: `the record names key ${other.keyId}, the signature was made by ${key.keyId}`,
    });
  });

  test("fails for a payload that was changed after it was signed", () => {
    const payload = Buffer.from(document({ more: 1 })).toString("base64");
    expect(verify({ payload }).verified).toBe(false);
  });

  test.each([
    [
      "another type",
      document({ type: "atomic container signature" }),
      /^the payload's type is not/,
    ],
    ["no identity", document({ identity: {} }), /no simple-signing document$/],
    [
      "a digest that is no text",
      document({ image: { "docker-manifest-digest": 1 } }),
      /no simple-/,
    ],
    ["no JSON", "cosign", /^the payload is not JSON$/],
    ["no UTF-8", Buffer.from([0xff, 0xfe]), /^the payload is not JSON$/],
    ["something after the JSON", `${document()}{}`, /^the payload is not JSON$/],
    ["65 KiB", document().padEnd(65 * 1024), /^the payload has 66560 bytes, at most 65536/],
  ])("fails for a signed payload with %s", (_, payload, reason) => {
    expect(verify(signedPayload(payload))).toEqual({
      verified: false,
      reason: expect.stringMatching(reason) as string,
    });
  });

  test("fails for a payload that is not canonical base64", () => {
    expect(verify({ payload: `${record.payload}\n` })).toEqual({
      verified: false,
      reason: "the payload is not base64",
    });
  });
});
