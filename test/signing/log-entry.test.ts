import { createHash, createPublicKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { signBlob } from "../../lib/signing/blob-signature";
import {
  recordedEntryFault,
  signImage,
  verifyImageSignature,
} from "../../lib/signing/image-signature";
import { generateSigningKey } from "../../lib/signing/key";
import { logEntryFault } from "../../lib/signing/log-entry";
import { sha256 } from "../../lib/support/digest";

const key = generateSigningKey();
const other = generateSigningKey();
const signed = Buffer.from("DSSEv1 … what was signed");
const payload = Buffer.from("what was signed");
const signature = signBlob(signed, key);
const verified = { signed, payload, signature, keyId: key.keyId };

interface Parts {
  content: Uint8Array;
  signature: string;
  publicKeyPem: string;
}
const OWN = { signed, payload, signature, publicKeyPem: key.publicKeyPem };

const hash = (content: Uint8Array) => createHash("sha256").update(content);
const base64 = (content: string | Uint8Array) => Buffer.from(content).toString("base64");
const encoded = (body: unknown) => base64(JSON.stringify(body));
const derOf = (pem: string) => createPublicKey(pem).export({ type: "spki", format: "der" });

/** The bodies that sigstore's logs write, built by their schemas and not by the library. */
const BODIES: Readonly<Record<string, (parts: Parts) => unknown>> = {
  "hashedrekord 0.0.1": ({ content, signature: sig, publicKeyPem }) => ({
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: { algorithm: "sha256", value: hash(content).digest("hex") } },
      signature: { content: sig, publicKey: { content: base64(publicKeyPem) } },
    },
  }),
  "hashedrekord 0.0.2": ({ content, signature: sig, publicKeyPem }) => ({
    apiVersion: "0.0.2",
    kind: "hashedrekord",
    spec: {
      hashedRekordV002: {
        data: { algorithm: "SHA2_256", digest: hash(content).digest("base64") },
        signature: verifierOf(sig, publicKeyPem),
      },
    },
  }),
  "dsse 0.0.1": ({ content, signature: sig, publicKeyPem }) => ({
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      envelopeHash: { algorithm: "sha256", value: hash(Buffer.from("any")).digest("hex") },
      payloadHash: { algorithm: "sha256", value: hash(content).digest("hex") },
      signatures: [{ signature: sig, verifier: base64(publicKeyPem) }],
    },
  }),
  "dsse 0.0.2": ({ content, signature: sig, publicKeyPem }) => ({
    apiVersion: "0.0.2",
    kind: "dsse",
    spec: {
      dsseV002: {
        payloadHash: { algorithm: "SHA2_256", digest: hash(content).digest("base64") },
        signatures: [verifierOf(sig, publicKeyPem)],
      },
    },
  }),
};

function verifierOf(content: string, publicKeyPem: string) {
  const publicKey = { rawBytes: base64(derOf(publicKeyPem)) };
  return { content, verifier: { publicKey, keyDetails: "PKIX_ECDSA_P256_SHA_256" } };
}

describe.each(Object.entries(BODIES))("a log entry of the kind %s", (kind, bodyOf) => {
  const content = kind.startsWith("dsse") ? payload : signed;
  const own = { ...OWN, content };
  const faultOf = (parts: Parts) => logEntryFault(encoded(bodyOf(parts)), verified);

  test("passes if it is about the signature", () => {
    expect(faultOf(own)).toBeUndefined();
  });

  test.each<[string, Partial<Parts>, string]>([
    ["other content", { content: Buffer.from("another") }, "is about other content"],
    ["another signature", { signature: signBlob(signed, key) }, "is about another signature"],
    ["another key", { publicKeyPem: other.publicKeyPem }, "names another key"],
  ])("fails for %s", (_, change, fault) => {
    expect(faultOf({ ...own, ...change })).toBe(`the log entry ${fault}`);
  });
});

describe("a log entry", () => {
  const good = BODIES["hashedrekord 0.0.1"]!({ ...OWN, content: signed }) as {
    spec: { data: { hash: { algorithm: string } }; signature: { publicKey: { content: string } } };
  };

  test("fails for an envelope's entry beside a signature of something else", () => {
    const body = encoded(BODIES["dsse 0.0.1"]!({ ...OWN, content: payload }));
    const plain = { signed, signature, keyId: key.keyId };
    expect(logEntryFault(body, plain)).toBe("the log entry is about other content");
  });

  test("fails for a second signature beside the right one", () => {
    const body = BODIES["dsse 0.0.1"]!({ ...OWN, content: payload }) as {
      spec: { signatures: unknown[] };
    };
    body.spec.signatures.push(body.spec.signatures[0]);
    expect(logEntryFault(encoded(body), verified)).toBe("the log entry is about another signature");
  });

  test("fails for a hash that is no sha256", () => {
    const body = structuredClone(good);
    body.spec.data.hash.algorithm = "sha512";
    expect(logEntryFault(encoded(body), verified)).toBe("the log entry is about other content");
  });

  test("fails for a certificate in the key's place", () => {
    const body = structuredClone(good);
    body.spec.signature.publicKey.content = base64("-----BEGIN CERTIFICATE-----");
    expect(logEntryFault(encoded(body), verified)).toBe("the log entry names another key");
  });

  test.each([
    [
      "another kind",
      encoded({ kind: "intoto", apiVersion: "0.0.2" }),
      /of the kind "intoto 0.0.2"/,
    ],
    ["no JSON", base64("entry"), /cannot be read$/],
    ["no base64", "*", /cannot be read$/],
    ["a key that stands twice", base64(JSON.stringify(good).replace("{", '{"kind":"x",')), /read$/],
    ["65 KiB", base64(" ".repeat(65 * 1024)), /cannot be read$/],
  ])("fails for %s", (_, body, fault) => {
    expect(logEntryFault(body, verified)).toMatch(fault);
  });
});

describe("a signature's record with a log entry", () => {
  const image = { repository: "registry.example/atom/api", digest: sha256("api") };
  const record = signImage(image, key);
  const bytes = Buffer.from(record.payload, "base64");
  const entryOf = (sig: string) =>
    encoded(BODIES["hashedrekord 0.0.1"]!({ ...OWN, content: bytes, signature: sig }));

  test("is verified if the entry is about it", () => {
    const logged = { ...record, logEntry: entryOf(record.signature) };
    expect(recordedEntryFault(logged)).toBeUndefined();
    expect(verifyImageSignature(logged, image, [key.publicKeyPem])).toEqual({
      verified: true,
      keyId: key.keyId,
    });
  });

  test("fails if it is about another signature, good as the signature is", () => {
    const logged = { ...record, logEntry: entryOf(signImage(image, key).signature) };
    expect(verifyImageSignature(logged, image, [key.publicKeyPem])).toEqual({
      verified: false,
      reason: "the log entry is about another signature",
    });
  });
});
