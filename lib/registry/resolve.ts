import { z } from "zod";
import { mapBounded } from "../support/map-bounded";
import { Problems } from "../support/problem";
import { mirrorRepository } from "./image";
import type { ImageDeclaration, ImageLock, LockedImage } from "./image";
import { readImageTree } from "./image-tree";
import type { ImageTree } from "./image-tree";
import type { Descriptor } from "./manifest";
import { DOCKER_CONFIG, OCI_CONFIG } from "./media-types";
import { formatPlatform, servesPlatform } from "./platform";
import { parseReference } from "./reference";
import type { RegistryClient, SourceOf } from "./registry-client";
import { collect } from "./verified-stream";

const IMAGES_AT_ONCE = 4;
const LARGEST_CONFIG = 4 * 1024 * 1024;

/**
 * Resolves every image's tag to a digest. What the lock has already keeps its digest, and is not
 * read again; its tag is only asked whether it has moved.
 *
 * @param sourceOf gives the client of a source's registry.
 * @param lock what was resolved before; entries whose source was changed are resolved anew.
 * @throws UsageError with every image that is not there, lacks a declared platform, is declared
 * twice, or whose tag has moved since it was locked.
 * @throws RegistryError if a registry fails.
 */
export async function resolveImages(
  images: readonly ImageDeclaration[],
  sourceOf: SourceOf,
  lock?: ImageLock,
): Promise<ImageLock> {
  const problems = new Problems();
  checkNames(images, problems);
  problems.throwIfAny("images");
  const locked = await mapBounded(images, IMAGES_AT_ONCE, async (image, index) => {
    const path = `images[${index}].source`;
    const known = lock?.images.find((e) => e.name === image.name && e.source === image.source);
    const found =
      known === undefined ? await resolveImage(image, sourceOf) : await keepLocked(known, sourceOf);
    if (typeof found === "string") {
      problems.add(path, found);
      return undefined;
    }
    checkPlatforms(image, found, `images[${index}].platforms`, problems);
    return found;
  });
  problems.throwIfAny("images");
  return { version: 1, images: locked.filter((e) => e !== undefined).sort(byName) };
}

/** A locked image, or what is wrong. */
async function resolveImage(
  image: ImageDeclaration,
  sourceOf: SourceOf,
): Promise<LockedImage | string> {
  const { registry, repository, tag, digest } = parseReference(image.source);
  const client = sourceOf(registry);
  const tree = await readImageTree(client, repository, digest ?? tag ?? "");
  if (tree === undefined) return `'${image.source}' is not there`;
  return {
    name: image.name,
    source: image.source,
    repository: mirrorRepository(image.name),
    digest: tree.root.digest,
    mediaType: tree.root.mediaType,
    platforms: await platformsOf(tree, client, repository),
    bytes: tree.bytes,
  };
}

/** The locked image if its tag still stands for it, or else what has changed. */
async function keepLocked(image: LockedImage, sourceOf: SourceOf): Promise<LockedImage | string> {
  const { registry, repository, tag, digest } = parseReference(image.source);
  if (tag === undefined || digest !== undefined) return image;
  const current = await sourceOf(registry).headManifest(repository, tag);
  // A tag that is gone changes nothing: the digest says what is meant.
  if (current === undefined || current === image.digest) return image;
  return (
    `'${image.source}' has moved from ${image.digest} to ${current}; ` +
    `to stay, append @${image.digest} to the source; ` +
    `to follow, delete '${image.name}' from the image lock`
  );
}

function checkNames(images: readonly ImageDeclaration[], problems: Problems): void {
  images.forEach(({ name }, index) => {
    if (images.findIndex((other) => other.name === name) === index) return;
    problems.add(`images[${index}].name`, `'${name}' is declared twice`);
  });
}

function checkPlatforms(
  { platforms = [] }: ImageDeclaration,
  found: LockedImage,
  path: string,
  problems: Problems,
): void {
  for (const wanted of platforms) {
    if (found.platforms.some((offered) => servesPlatform(offered, wanted))) continue;
    const offered = found.platforms.join(", ") || "none";
    problems.add(path, `'${found.source}' does not offer ${wanted}; it offers: ${offered}`);
  }
}

async function platformsOf(
  tree: ImageTree,
  client: RegistryClient,
  repository: string,
): Promise<string[]> {
  const platforms = new Set<string>();
  for (const { manifest } of tree.manifests) {
    const declared =
      manifest.kind === "index"
        ? manifest.manifests.map(({ platform }) => platform)
        : tree.manifests.length === 1
          ? [await configPlatform(manifest.config, client, repository)]
          : [];
    for (const platform of declared) {
      // Build tools list attestations as manifests for "unknown/unknown".
      if (platform !== undefined && platform.os !== "unknown") {
        platforms.add(formatPlatform(platform));
      }
    }
  }
  return [...platforms].sort();
}

const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});

/** An image that is no index says its platform in its config; an artifact has none. */
async function configPlatform(
  config: Descriptor,
  client: RegistryClient,
  repository: string,
): Promise<Descriptor["platform"]> {
  if (config.mediaType !== OCI_CONFIG && config.mediaType !== DOCKER_CONFIG) return undefined;
  const where = `${repository}@${config.digest}`;
  const bytes = await collect(client.openBlob(repository, config), LARGEST_CONFIG, where);
  const result = configSchema.safeParse(parseOrUndefined(bytes));
  return result.success ? result.data : undefined;
}

function parseOrUndefined(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function byName(a: LockedImage, b: LockedImage): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
