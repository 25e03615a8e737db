import { canonicalJson } from "../../support/canonical-json";
import type { Digest } from "../../support/digest";
import { descriptorOf, parseManifest } from "../manifest";
import type { Descriptor, ImageManifest } from "../manifest";
import { OCI_CONFIG, OCI_MANIFEST } from "../media-types";
import type { Place } from "../place";
import { RegistryError } from "../registry-error";
import { bytesSource } from "../verified-stream";

/** Kinds of things cosign keeps under a tag made of an image's digest. */
export const COSIGN_KINDS = ["sig", "att", "sbom"] as const;

/** The tag under which cosign keeps an image's signatures: `sha256-<hex>.sig`. */
export function cosignTag(digest: Digest, kind: (typeof COSIGN_KINDS)[number] = "sig"): string {
  return `${digest.replace(":", "-")}.${kind}`;
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
  const descriptor = descriptorOf(OCI_CONFIG, config);
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
