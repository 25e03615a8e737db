import { hexOf } from "../support/digest";
import { BUNDLE_V03_MEDIA_TYPE } from "@sigstore/bundle";
import { z } from "zod";
import { parseStrictJson } from "../support/strict-json";
import { signBlob } from "./blob-signature";
import { preAuthEncoding, STATEMENT_PAYLOAD_TYPE, verifyDsseBundle } from "./dsse-bundle";
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
      payloadType: STATEMENT_PAYLOAD_TYPE,
      // No key's name here: cosign counts no signature whose name is not the one it expects.
      signatures: [{ sig: signBlob(preAuthEncoding(payload), key) }],
    },
  };
  return Buffer.from(JSON.stringify(bundle));
}

/**
 * Checks that a bundle is a trusted key's signature of exactly this digest, and of exactly this
 * repository if it names one: ours does, one that `cosign sign` made does not and holds wherever the
 * digest lies. A log's entry does not help, and hurts if it is about anything else; a timestamp is
 * not looked at, and a bundle that rests on a certificate is refused.
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
  const result = verifyDsseBundle(bytes, keys, LARGEST_BUNDLE);
  if (!result.verified) return result;
  const fault = statementFault(result.payload, expected);
  return fault === undefined ? { verified: true, keyId: result.keyId } : fails(fault);
}

/** What cosign names a key by: the hash of its SubjectPublicKeyInfo. */
function hintOf({ keyId }: SigningKey): string {
  return Buffer.from(hexOf(keyId), "hex").toString("base64");
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
