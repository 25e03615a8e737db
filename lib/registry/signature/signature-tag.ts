import { z } from "zod";
import {
  LARGEST_PAYLOAD,
  recordedEntryFault,
  verifySignedPayload,
} from "../../signing/image-signature";
import type { SignatureRecord } from "../../signing/signature";
import type { SignedImage } from "../../signing/signed-image";
import { parseJson } from "../../support/parse-json";
import { cosignTag, putCosignManifest, readCosignManifest, united } from "./cosign-tag";
import { descriptorOf } from "../manifest";
import type { Descriptor } from "../manifest";
import type { Place } from "../place";
import { searchSignatures } from "./search-signatures";
import type { FoundSignature } from "./search-signatures";
import { bytesSource, collect } from "../verified-stream";

const SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE = "dev.cosignproject.cosign/signature";
const LOG_ENTRY = "dev.sigstore.cosign/bundle";

/**
 * Looks for a trusted key's signature under the tag `sha256-<hex>.sig`, where cosign up to version 2
 * keeps an image's signatures. The tag may be written by whoever may push, and so may the certificates
 * beside a signature, which are not looked at, and the log entry, which has to be about the signature.
 *
 * @param keys trusted public keys in PEM.
 */
export async function findTagSignature(
  place: Place,
  expected: SignedImage,
  keys: readonly string[],
): Promise<FoundSignature> {
  const { client, repository } = place;
  const manifest = await readCosignManifest(place, cosignTag(expected.digest));
  const layers = manifest?.layers.filter(isSignature) ?? [];
  return searchSignatures(layers, async (layer) => {
    const where = `${repository}@${layer.digest}`;
    const payload = await collect(client.openBlob(repository, layer), LARGEST_PAYLOAD, where);
    const signature = layer.annotations?.[SIGNATURE] ?? "";
    const verification = verifySignedPayload(payload, signature, expected, keys);
    if (!verification.verified) return { verification };
    const { digest } = expected;
    const { keyId } = verification;
    const { repository: name } = expected;
    const logEntry = entryBeside(layer);
    const record: SignatureRecord = {
      ...{ repository: name, digest, payload: payload.toString("base64"), signature, keyId },
      ...(logEntry === undefined ? {} : { logEntry }),
    };
    const fault = recordedEntryFault(record);
    if (fault === undefined) return { verification, record };
    return { verification: { verified: false, reason: fault } };
  });
}

/**
 * Adds a signature to those under its image's tag, unless it is there.
 * Source: sigstore/cosign specs/SIGNATURE_SPEC.md, "Storage".
 */
export async function attachSignature(place: Place, record: SignatureRecord): Promise<void> {
  const payload = Buffer.from(record.payload, "base64");
  const layer = {
    ...descriptorOf(SIMPLE_SIGNING, payload),
    annotations: { [SIGNATURE]: record.signature },
  };
  await place.client.putBlob(place.repository, layer, bytesSource(payload));
  const tag = cosignTag(record.digest);
  const present = await readCosignManifest(place, tag);
  await putCosignManifest(place, tag, united(present?.layers ?? [], [layer]));
}

function isSignature({ mediaType, annotations }: Descriptor): boolean {
  return mediaType === SIMPLE_SIGNING && annotations?.[SIGNATURE] !== undefined;
}

const bundleSchema = z.object({ Payload: z.object({ body: z.string() }) });

/**
 * The body of the log entry beside a signature; undefined if there is none, empty if it cannot be read.
 * Source: sigstore/cosign pkg/oci/static, "dev.sigstore.cosign/bundle".
 */
function entryBeside({ annotations }: Descriptor): string | undefined {
  const text = annotations?.[LOG_ENTRY];
  if (text === undefined) return undefined;
  return bundleSchema.safeParse(parseJson(text)).data?.Payload.body ?? "";
}
