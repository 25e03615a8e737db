import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signImageBundle, verifyImageBundle } from "../../lib/signing/image-bundle";
import { generateSigningKey, readPrivateKey } from "../../lib/signing/key";
import { sha256 } from "../../lib/support/digest";
import {
  COSIGN_BUNDLE,
  COSIGN_ED25519_KEY,
  COSIGN_IMAGE,
  COSIGN_KEY,
  COSIGN_PASSWORD,
  COSIGN_PUB,
} from "./cosign-made";

// What is refused is in test/registry/foreign-bundles.ts, where a registry holds it.

const key = readPrivateKey(COSIGN_KEY, COSIGN_PASSWORD);
const other = generateSigningKey();
const image = { repository: "registry.example:5000/atom/api", digest: sha256("api") };
const GOOD = { verified: true, keyId: key.keyId };

interface WrittenBundle {
  dsseEnvelope: { payload: string; signatures: { sig: string }[] };
}

function payloadOf(bundle: Buffer): unknown {
  const { dsseEnvelope } = JSON.parse(bundle.toString()) as WrittenBundle;
  return JSON.parse(Buffer.from(dsseEnvelope.payload, "base64").toString());
}

describe("signImageBundle", () => {
  test("writes the bundle that cosign writes, but for what is signed", () => {
    const ours = JSON.parse(signImageBundle(image, key).toString()) as WrittenBundle;
    const theirs = JSON.parse(COSIGN_BUNDLE) as WrittenBundle;
    const { payload, signatures } = theirs.dsseEnvelope;
    expect({ ...ours, dsseEnvelope: { ...ours.dsseEnvelope, payload, signatures } }).toEqual(
      theirs,
    );
    expect(ours.dsseEnvelope.signatures.map(Object.keys)).toEqual([["sig"]]);
  });

  test("signs a statement that names the digest, the repository and the annotations", () => {
    const annotations = { source: "ghcr.io/atom-cloud/api@sha256:…" };
    expect(payloadOf(signImageBundle({ ...image, annotations }, key))).toEqual({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: image.repository, digest: { sha256: image.digest.slice(7) }, annotations }],
      predicateType: "https://sigstore.dev/cosign/sign/v1",
      predicate: {},
    });
  });
});

describe("verifyImageBundle", () => {
  test("verifies what was signed, with Ed25519 too", () => {
    expect(verifyImageBundle(signImageBundle(image, key), image, [key.publicKeyPem])).toEqual(GOOD);
    const edwards = readPrivateKey(COSIGN_ED25519_KEY, COSIGN_PASSWORD);
    const signed = signImageBundle(image, edwards);
    expect(verifyImageBundle(signed, image, [edwards.publicKeyPem])).toEqual({
      verified: true,
      keyId: edwards.keyId,
    });
  });

  test("verifies with either key while one is being replaced", () => {
    const keys = [other.publicKeyPem + key.publicKeyPem];
    expect(verifyImageBundle(signImageBundle(image, key), image, keys)).toEqual(GOOD);
  });

  test("verifies cosign's bundle, in any repository: it names none", () => {
    const bundle = Buffer.from(COSIGN_BUNDLE);
    expect(verifyImageBundle(bundle, COSIGN_IMAGE, [COSIGN_PUB])).toEqual(GOOD);
    const elsewhere = { ...COSIGN_IMAGE, repository: "registry.example:5000/atom/worker" };
    expect(verifyImageBundle(bundle, elsewhere, [COSIGN_PUB])).toEqual(GOOD);
  });

  test("fails with an empty trust root", () => {
    expect(verifyImageBundle(signImageBundle(image, key), image, [])).toEqual({
      verified: false,
      reason: "no key is trusted",
    });
  });

  test("fails for 65 KiB", () => {
    const padded = Buffer.from(
      signImageBundle(image, key)
        .toString()
        .padEnd(65 * 1024),
    );
    expect(verifyImageBundle(padded, image, [key.publicKeyPem])).toEqual({
      verified: false,
      reason: "the bundle has 66560 bytes, at most 65536 are allowed",
    });
  });

  test("never throws and never passes for a bundle of which a byte was changed, unless nothing signed was", () => {
    const bundle = signImageBundle(image, key);
    const signed = [...bundle.toString().matchAll(/"(?:payload|sig)":"([^"]+)"/g)];
    const ranges = signed.map(({ 0: text, 1: value = "", index }) => {
      const start = index + text.length - 1 - value.length;
      return [start, start + value.length] as const;
    });
    const inside = (at: number) => ranges.some(([start, end]) => at >= start && at < end);
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bundle);
        changed[at]! ^= flip;
        const { verified } = verifyImageBundle(changed, image, [key.publicKeyPem]);
        if (inside(at)) expect(verified).toBe(false);
      }),
    );
  });
});
