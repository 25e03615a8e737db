import {
  BUNDLE_V03_LEGACY_MEDIA_TYPE,
  BUNDLE_V03_MEDIA_TYPE,
  bundleFromJSON,
  isBundleWithDsseEnvelope,
  isBundleWithPublicKey,
} from "@sigstore/bundle";
import type { SerializedBundle } from "@sigstore/bundle";
import { parseStrictJson } from "../support/strict-json";
import { decodeBase64, verifyBlob } from "./blob-signature";
import { logEntryFault } from "./log-entry";
import type { Verification } from "./signature";

/** The payload type of an in-toto statement, signed along with the payload. */
export const STATEMENT_PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** What a bundle's signature vouches for, or why it vouches for nothing. */
export type VerifiedPayload =
  | (Extract<Verification, { verified: true }> & { readonly payload: Buffer })
  | Extract<Verification, { verified: false }>;

/**
 * Checks a trusted key's signature in a Sigstore bundle of version 0.3 that holds an in-toto
 * statement in a DSSE envelope. Nothing unsigned is parsed. Each log entry in it has to be about this
 * very signature; a bundle that rests on a certificate is refused.
 *
 * @param bytes the bundle's JSON.
 * @param keys trusted public keys in PEM; none verifies nothing.
 * @param largest bytes; what is larger is not parsed.
 * @throws UsageError if a key cannot be read.
 */
export function verifyDsseBundle(
  bytes: Uint8Array,
  keys: readonly string[],
  largest: number,
): VerifiedPayload {
  const envelope = readEnvelope(bytes, largest);
  if ("fault" in envelope) return { verified: false, reason: envelope.fault };
  const { payload, signature, logEntries } = envelope;
  const signed = preAuthEncoding(payload);
  const result = verifyBlob(signed, signature, keys);
  if (!result.verified) return result;
  for (const body of logEntries) {
    const fault = logEntryFault(body, { signed, payload, signature, keyId: result.keyId });
    if (fault !== undefined) return { verified: false, reason: fault };
  }
  return { ...result, payload };
}

/** What is signed in place of the payload. Source: secure-systems-lab/dsse protocol.md, PAE. */
export function preAuthEncoding(payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${STATEMENT_PAYLOAD_TYPE.length} ${STATEMENT_PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

type Envelope =
  | {
      readonly payload: Buffer;
      readonly signature: string;
      /** The entries' canonical bodies, base64. */
      readonly logEntries: readonly string[];
    }
  | { readonly fault: string };

function readEnvelope(bytes: Uint8Array, largest: number): Envelope {
  if (bytes.length > largest) {
    return { fault: `the bundle has ${bytes.length} bytes, at most ${largest} are allowed` };
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
  if (bundle.content.dsseEnvelope.payloadType !== STATEMENT_PAYLOAD_TYPE) {
    return { fault: `the envelope's payload type is not ${STATEMENT_PAYLOAD_TYPE}` };
  }
  // Taken from the JSON again, because the package decodes base64 that is none.
  const { dsseEnvelope: envelope, verificationMaterial } = json.value as SerializedBundle;
  const payload = decodeBase64(envelope?.payload ?? "");
  if (payload === undefined) return { fault: "the envelope's payload is not base64" };
  return {
    payload,
    signature: envelope?.signatures[0]?.sig ?? "",
    logEntries: (verificationMaterial.tlogEntries ?? []).map(
      ({ canonicalizedBody }) => canonicalizedBody ?? "",
    ),
  };
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
