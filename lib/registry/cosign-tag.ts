import { verifySignedPayload } from "../signing/image-signature";
import type { SignedImage } from "../signing/image-signature";
import type { SignatureRecord, Verification } from "../signing/signature";
import { canonicalJson } from "../support/canonical-json";
import { sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import { parseManifest } from "./manifest";
import type { Descriptor, ImageManifest } from "./manifest";
import { OCI_CONFIG, OCI_MANIFEST } from "./media-types";
import type { Place } from "./place";
import { RegistryError } from "./registry-error";
import { bytesSource, collect } from "./verified-stream";

/** Kinds of things cosign keeps under a tag made of an image's digest. */
export const COSIGN_KINDS = ["sig", "att", "sbom"] as const;

const SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE = "dev.cosignproject.cosign/signature";

const MOST_SIGNATURES = 100;
const LARGEST_PAYLOAD = 64 * 1024;

/** The tag under which cosign keeps an image's signatures: `sha256-<hex>.sig`. */
export function cosignTag(digest: Digest, kind: (typeof COSIGN_KINDS)[number] = "sig"): string {
  return `${digest.replace(":", "-")}.${kind}`;
}

/**
 * Looks in a repository for a trusted key's signature of an image. One good signature is enough,
 * whatever else lies beside it; none, or a registry that hides it, is a failure.
 *
 * @param keys trusted public keys in PEM.
 * @returns the verification, and the record of the good signature.
 */
export async function findSignature(
  { client, repository }: Place,
  expected: SignedImage,
  keys: readonly string[],
): Promise<{ verification: Verification; record?: SignatureRecord }> {
  const manifest = await readCosignManifest({ client, repository }, cosignTag(expected.digest));
  const layers = manifest?.layers.filter(isSignature) ?? [];
  if (layers.length === 0) return { verification: unverified("there is no signature") };
  if (layers.length > MOST_SIGNATURES) return { verification: unverified("too many signatures") };
  const reasons = new Set<string>();
  for (const layer of layers) {
    const where = `${repository}@${layer.digest}`;
    const payload = await collect(client.openBlob(repository, layer), LARGEST_PAYLOAD, where);
    const signature = layer.annotations?.[SIGNATURE] ?? "";
    const verification = verifySignedPayload(payload, signature, expected, keys);
    if (verification.verified) {
      const { keyId } = verification;
      const record = { ...expected, payload: payload.toString("base64"), signature, keyId };
      return { verification, record };
    }
    reasons.add(verification.reason);
  }
  return { verification: unverified([...reasons].join("; ")) };
}

/**
 * Adds a signature to those of its image, in the form `cosign sign` stores it in.
 * Source: sigstore/cosign specs/SIGNATURE_SPEC.md, "Storage".
 */
export async function attachSignature(place: Place, record: SignatureRecord): Promise<void> {
  const payload = Buffer.from(record.payload, "base64");
  const layer: Descriptor = {
    mediaType: SIMPLE_SIGNING,
    digest: sha256(payload),
    size: payload.length,
    annotations: { [SIGNATURE]: record.signature },
  };
  await place.client.putBlob(place.repository, layer, bytesSource(payload));
  const tag = cosignTag(record.digest);
  const present = await readCosignManifest(place, tag);
  await putCosignManifest(place, tag, united(present?.layers ?? [], [layer]));
}

/** The manifest under one of cosign's tags; undefined if there is no such tag. */
export async function readCosignManifest(
  { client, repository }: Place,
  tag: string,
): Promise<ImageManifest | undefined> {
  const stored = await client.getManifest(repository, tag);
  if (stored === undefined) return undefined;
  const where = `${repository}:${tag}`;
  const manifest = parseManifest(stored.bytes, stored.mediaType, where);
  if (manifest.kind === "image") return manifest;
  throw new RegistryError("refused", `${where} is an index; cosign keeps a manifest there`);
}

/** Stores layers that are in place already as a manifest under one of cosign's tags. */
export async function putCosignManifest(
  { client, repository }: Place,
  tag: string,
  layers: readonly Descriptor[],
): Promise<void> {
  // The fields cosign writes, empty as they are: some readers miss them otherwise.
  const config = Buffer.from(
    JSON.stringify({
      architecture: "",
      created: "0001-01-01T00:00:00Z",
      history: layers.map(() => ({ created: "0001-01-01T00:00:00Z" })),
      os: "",
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
      config: {},
    }),
  );
  const descriptor = { mediaType: OCI_CONFIG, digest: sha256(config), size: config.length };
  await client.putBlob(repository, descriptor, bytesSource(config));
  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: descriptor, layers };
  await client.putManifest(repository, tag, OCI_MANIFEST, Buffer.from(JSON.stringify(manifest)));
}

/** The layers of both lists, each once: two signatures of one payload differ in annotations only. */
export function united(first: readonly Descriptor[], second: readonly Descriptor[]): Descriptor[] {
  return [...first, ...missingFrom(first, second)];
}

/** The layers of `second` that `first` does not have. */
export function missingFrom(
  first: readonly Descriptor[],
  second: readonly Descriptor[],
): Descriptor[] {
  const known = new Set(first.map(layerKey));
  return second.filter((layer) => !known.has(layerKey(layer)));
}

function layerKey({ digest, annotations = {} }: Descriptor): string {
  return canonicalJson([digest, annotations]);
}

function isSignature({ mediaType, annotations }: Descriptor): boolean {
  return mediaType === SIMPLE_SIGNING && annotations?.[SIGNATURE] !== undefined;
}

function unverified(reason: string): Verification {
  return { verified: false, reason };
}
