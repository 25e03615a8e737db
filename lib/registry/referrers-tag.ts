import type { Digest } from "../support/digest";
import { descriptorOf, manifestMediaType, parseManifest } from "./manifest";
import type { Descriptor } from "./manifest";
import { OCI_INDEX } from "./media-types";
import type { RegistryClient } from "./registry-client";
import { RegistryError } from "./registry-error";

type ManifestStore = Pick<RegistryClient, "getManifest" | "putManifest">;

/**
 * The tag under which clients keep the list of a manifest's referrers where the registry has no
 * referrers API. Source: OCI distribution-spec, "Referrers Tag Schema".
 */
export function referrersTag(digest: Digest): string {
  return digest.replace(":", "-");
}

/** The referrers listed under the fallback tag; none if there is no such tag. */
export async function readReferrersTag(
  store: Pick<RegistryClient, "getManifest">,
  repository: string,
  digest: Digest,
): Promise<Descriptor[]> {
  const tag = referrersTag(digest);
  const stored = await store.getManifest(repository, tag);
  if (stored === undefined) return [];
  const where = `${repository}:${tag}`;
  const index = parseManifest(stored.bytes, stored.mediaType, where);
  if (index.kind !== "index") throw new RegistryError("refused", `${where} is no index`);
  return index.manifests;
}

/** Adds a manifest to the list of its subject's referrers, unless it is there. */
export async function addToReferrersTag(
  store: ManifestStore,
  repository: string,
  subject: Digest,
  referrer: Descriptor,
): Promise<void> {
  const listed = await readReferrersTag(store, repository, subject);
  if (listed.some(({ digest }) => digest === referrer.digest)) return;
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...listed, referrer] };
  const bytes = Buffer.from(JSON.stringify(index));
  await store.putManifest(repository, referrersTag(subject), OCI_INDEX, bytes);
}

/** Takes a manifest off the list of its subject's referrers; a list that is empty then stays. */
export async function removeFromReferrersTag(
  store: ManifestStore,
  repository: string,
  subject: Digest,
  referrer: Digest,
): Promise<void> {
  const listed = await readReferrersTag(store, repository, subject);
  const manifests = listed.filter(({ digest }) => digest !== referrer);
  if (manifests.length === listed.length) return;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
  await store.putManifest(repository, referrersTag(subject), OCI_INDEX, bytes);
}

/** A manifest's subject and the descriptor it is listed with, if it has a subject. */
export function asReferrer(
  bytes: Uint8Array,
  where: string,
): { subject: Digest; descriptor: Descriptor } | undefined {
  const mediaType = manifestMediaType(bytes, where);
  const manifest = parseManifest(bytes, mediaType, where);
  if (manifest.subject === undefined) return undefined;
  // The rule for artifactType: the manifest's own, else its config's media type.
  const artifactType =
    manifest.artifactType ?? (manifest.kind === "image" ? manifest.config.mediaType : undefined);
  return {
    subject: manifest.subject.digest,
    descriptor: {
      ...descriptorOf(mediaType, bytes),
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
    },
  };
}
