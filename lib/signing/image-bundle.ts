import { hexOf } from "../support/digest";
import {
  BUNDLE_V03_LEGACY_MEDIA_TYPE,
  BUNDLE_V03_MEDIA_TYPE,
  bundleFromJSON,
  isBundleWithDsseEnvelope,
  isBundleWithPublicKey,
} from "@sigstore/bundle";
import type { SerializedBundle } from "@sigstore/bundle";
import { z } from "zod";
import { parseStrictJson } from "../support/strict-json";
import { decodeBase64, signBlob, verifyBlob } from "./blob-signature";
import type { SigningKey } from "./key";
import type { Verification } from "./signature";
import { imageFault, short } from "./signed-image";
import type { ImageToSign, SignedImage } from "./signed-image";

/** The form in which bundles are written. Source: sigstore/protobuf-specs, sigstore_bundle.proto. */
export const BUNDLE_MEDIA_TYPE = BUNDLE_V03_MEDIA_TYPE;

/** What cosign calls a statement that does no more than sign an image. */
export const SIGN_PREDICATE = "https://sigstore.dev/cosign/sign/v1";

/** Far above a bundle that signs an image, proofs of a log included; what is larger is not parsed. */
export const LARGEST_BUNDLE = 64 * 1024;

const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const PAYLOAD_TYPE = "application/vnd.in-toto+json";

// What is not named here may be there: a predicate, annotations, the subject's other names.
const statementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([
    z.object({ name: z.string().optional(), digest: z.object({ sha256: z.string() }) }),
  ]),
  predicateType: z.string(),
});

/**
 * Signs an image in the form of cosign 3: an in-toto statement in a DSSE envelope, in a Sigstore
 * bundle. The statement's subject also names the repository, which cosign leaves out: its name is
 * what ties the signature to its place.
 * Sources: sigstore/cosign specs/BUNDLE_SPEC.md and `cosign sign` 3.0 to 3.1; in-toto attestation
 * spec v1.
 *
 * @returns the bundle's JSON.
 */
export function signImageBundle(
  { repository, digest, annotations }: ImageToSign,
  key: SigningKey,
): Buffer {
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [
      {
        name: repository,
        digest: { sha256: hexOf(digest) },
        ...(annotations === undefined ? {} : { annotations }),
      },
    ],
    predicateType: SIGN_PREDICATE,
    predicate: {},
  };
  const payload = Buffer.from(JSON.stringify(statement));
  const bundle = {
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: hintOf(key) } },
    dsseEnvelope: {
      payload: payload.toString("base64"),
      payloadType: PAYLOAD_TYPE,
      // No key's name here: cosign counts no signature whose name is not the one it expects.
      signatures: [{ sig: signBlob(preAuthEncoding(payload), key) }],
    },
  };
  return Buffer.from(JSON.stringify(bundle));
}

/**
 * Checks that a bundle is a trusted key's signature of exactly this digest, and of exactly this
 * repository if it names one: ours does, one that `cosign sign` made does not and holds wherever the
 * digest lies. What a key cannot prove is not looked at: a log's entry or a timestamp neither helps
 * nor hurts, and a bundle that rests on a certificate is refused.
 *
 * @param bytes the bundle's JSON, as a registry holds it.
 * @param keys trusted public keys in PEM; none verifies nothing.
 * @throws UsageError if a key cannot be read.
 */
export function verifyImageBundle(
  bytes: Uint8Array,
  expected: SignedImage,
  keys: readonly string[],
): Verification {
  const envelope = readEnvelope(bytes);
  if ("fault" in envelope) return fails(envelope.fault);
  const { payload, signature } = envelope;
  // The signature comes first: nothing unsigned is taken for a statement.
  const result = verifyBlob(preAuthEncoding(payload), signature, keys);
  if (!result.verified) return result;
  const fault = statementFault(payload, expected);
  return fault === undefined ? result : fails(fault);
}

/** What cosign names a key by: the hash of its SubjectPublicKeyInfo. */
function hintOf({ keyId }: SigningKey): string {
  return Buffer.from(hexOf(keyId), "hex").toString("base64");
}

/** What is signed in place of the payload. Source: secure-systems-lab/dsse protocol.md, PAE. */
function preAuthEncoding(payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

type Envelope =
  { readonly payload: Buffer; readonly signature: string } | { readonly fault: string };

function readEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length > LARGEST_BUNDLE) {
    return {
      fault: `the bundle has ${bytes.length} bytes, at most ${LARGEST_BUNDLE} are allowed`,
    };
  }
  const json = parseStrictJson(Buffer.from(bytes).toString("utf8"));
  const bundle = "value" in json ? parseBundle(json.value) : undefined;
  if (!("value" in json) || bundle === undefined) {
    return { fault: "it is no Sigstore bundle of version 0.3" };
  }
  if (!isBundleWithPublicKey(bundle)) {
    return { fault: "the bundle rests on a certificate; only a key's signature can be verified" };
  }
  if (!isBundleWithDsseEnvelope(bundle)) return { fault: "the bundle holds no DSSE envelope" };
  if (bundle.content.dsseEnvelope.payloadType !== PAYLOAD_TYPE) {
    return { fault: `the envelope's payload type is not ${PAYLOAD_TYPE}` };
  }
  // Taken from the JSON again, because the package decodes base64 that is none.
  const envelope = (json.value as SerializedBundle).dsseEnvelope;
  const payload = decodeBase64(envelope?.payload ?? "");
  if (payload === undefined) return { fault: "the envelope's payload is not base64" };
  return { payload, signature: envelope?.signatures[0]?.sig ?? "" };
}

function parseBundle(value: unknown): ReturnType<typeof bundleFromJSON> | undefined {
  try {
    const bundle = bundleFromJSON(value);
    const versions = [BUNDLE_V03_MEDIA_TYPE, BUNDLE_V03_LEGACY_MEDIA_TYPE];
    return versions.includes(bundle.mediaType) ? bundle : undefined;
  } catch {
    return undefined;
  }
}

function statementFault(payload: Buffer, expected: SignedImage): string | undefined {
  const json = parseStrictJson(payload.toString("utf8"));
  const parsed = statementSchema.safeParse("value" in json ? json.value : undefined);
  if (!parsed.success) return "the payload is no in-toto statement about one subject";
  const { predicateType, subject } = parsed.data;
  if (predicateType !== SIGN_PREDICATE) {
    return `the statement is of the type ${short(predicateType)}, not ${SIGN_PREDICATE}`;
  }
  const [{ name: repository, digest }] = subject;
  return imageFault({ repository, digest: `sha256:${digest.sha256}` }, expected, "the statement");
}

function fails(reason: string): Verification {
  return { verified: false, reason };
}
