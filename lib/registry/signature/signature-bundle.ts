import {
  BUNDLE_MEDIA_TYPE,
  LARGEST_BUNDLE,
  SIGN_PREDICATE,
  verifyImageBundle,
} from "../../signing/image-bundle";
import type { SignedImage } from "../../signing/signed-image";
import { sha256 } from "../../support/digest";
import type { Digest } from "../../support/digest";
import { descriptorOf, parseManifest } from "../manifest";
import type { Descriptor } from "../manifest";
import { OCI_MANIFEST } from "../media-types";
import type { Place } from "../place";
import { RegistryError } from "../registry-error";
import { searchSignatures } from "./search-signatures";
import type { FoundSignature } from "./search-signatures";
import { bytesSource, collect } from "../verified-stream";

const EMPTY = "application/vnd.oci.empty.v1+json";
const EMPTY_CONFIG = Buffer.from("{}");

const CONTENT = "dev.sigstore.bundle.content";
const PREDICATE_TYPE = "dev.sigstore.bundle.predicateType";

/**
 * Looks for a trusted key's signature among the Sigstore bundles that refer to an image, as cosign 3
 * attaches them. Whoever may push may write what a registry lists, its types and annotations: they
 * only say where to look.
 *
 * @param keys trusted public keys in PEM.
 */
export async function findBundle(
  { client, repository }: Place,
  expected: SignedImage,
  keys: readonly string[],
): Promise<FoundSignature> {
  const referrers = await client.listReferrers(repository, expected.digest);
  return searchSignatures(referrers.filter(mayHoldSignature), async ({ digest }) => {
    const where = `${repository}@${digest}`;
    const stored = await client.getManifest(repository, digest);
    if (stored === undefined) {
      throw new RegistryError("missing", `${where} is listed as a signature and not there`);
    }
    const manifest = parseManifest(stored.bytes, stored.mediaType, where);
    const layer = manifest.kind === "image" ? bundleLayer(manifest.layers) : undefined;
    if (layer === undefined || !isSignature(manifest.annotations)) return undefined;
    const bytes = await collect(client.openBlob(repository, layer), LARGEST_BUNDLE, where);
    return { verification: verifyImageBundle(bytes, expected, keys) };
  });
}

/**
 * Attaches a bundle to an image that is in place.
 * Source: sigstore/cosign specs/BUNDLE_SPEC.md, "Publishing", and what `cosign sign` writes.
 *
 * @param bundle its JSON.
 * @throws RegistryError `missing` if the image is not there.
 */
export async function attachBundle(
  { client, repository }: Place,
  digest: Digest,
  bundle: Uint8Array,
): Promise<void> {
  const image = await client.getManifest(repository, digest);
  if (image === undefined) {
    throw new RegistryError("missing", `${repository}@${digest} is not there to be signed`);
  }
  const config = descriptorOf(EMPTY, EMPTY_CONFIG);
  const layer = descriptorOf(BUNDLE_MEDIA_TYPE, bundle);
  await client.putBlob(repository, config, bytesSource(EMPTY_CONFIG));
  await client.putBlob(repository, layer, bytesSource(bundle));
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: BUNDLE_MEDIA_TYPE,
    config,
    layers: [layer],
    subject: { mediaType: image.mediaType, digest, size: image.bytes.length },
    annotations: { [CONTENT]: "dsse-envelope", [PREDICATE_TYPE]: SIGN_PREDICATE },
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await client.putManifest(repository, sha256(bytes), OCI_MANIFEST, bytes);
}

/** Some lists leave the artifact type out, and cosign 3.0 gives the config's in the fallback tag. */
function mayHoldSignature({ mediaType, artifactType = EMPTY, annotations }: Descriptor): boolean {
  const isBundled = artifactType === EMPTY || isBundle(artifactType);
  return mediaType === OCI_MANIFEST && isBundled && isSignature(annotations);
}

/** False for what says that it is another statement, such as one on how the image was built. */
function isSignature(annotations: Descriptor["annotations"]): boolean {
  return (annotations?.[PREDICATE_TYPE] ?? SIGN_PREDICATE) === SIGN_PREDICATE;
}

/** A bundle is the only layer of its manifest. */
function bundleLayer(layers: readonly Descriptor[]): Descriptor | undefined {
  const [layer] = layers;
  return layers.length === 1 && layer && isBundle(layer.mediaType) ? layer : undefined;
}

function isBundle(mediaType: string): boolean {
  return mediaType.startsWith("application/vnd.dev.sigstore.bundle");
}
