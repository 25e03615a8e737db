import { z } from "zod";
import { mapBounded } from "../../support/map-bounded";
import { parseJson } from "../../support/parse-json";
import { Problems } from "../../support/problem";
import { declaredName, lockedEntries, mirrorRepository } from "./image";
import type { ImageDeclaration, ImageLock, LockedImage } from "./image";
import { readImageTree } from "../image-tree";
import type { ImageTree } from "../image-tree";
import type { Descriptor } from "../manifest";
import { DOCKER_CONFIG, OCI_CONFIG } from "../media-types";
import { formatPlatform, isPlatform, servesPlatform } from "../platform";
import { formatReference, parseReference } from "../reference";
import type { RegistryClient, SourceOf } from "../registry-client";
import { readMatchingTags } from "./tag-pattern";
import { collect } from "../verified-stream";

const IMAGES_AT_ONCE = 4;
const LARGEST_CONFIG = 4 * 1024 * 1024;

/** One tag or digest that a lock is to have. */
type Wanted = Pick<LockedImage, "name" | "source" | "tags">;

/**
 * Resolves every image's tags to digests. What the lock has already keeps its digest, and is not
 * read again; its tag is only asked whether it has moved. A pattern that the lock has keeps the tags
 * it selected then: `findNewTags` says which it would select now.
 *
 * @param sourceOf gives the client of a source's registry.
 * @param lock what was resolved before; entries whose source or pattern was changed are resolved
 * anew, and tags that the lock has under another pattern keep their digest.
 * @throws UsageError with every image that is not there, lacks a declared platform, is declared
 * twice, whose pattern matches no tag, or whose tag has moved since it was locked.
 * @throws RegistryError if a registry fails.
 */
export async function resolveImages(
  images: readonly ImageDeclaration[],
  sourceOf: SourceOf,
  lock: ImageLock = { version: 1, images: [] },
): Promise<ImageLock> {
  const problems = new Problems();
  checkNames(images, problems);
  problems.throwIfAny("images");
  const resolved = await mapBounded(images, IMAGES_AT_ONCE, async (image, index) => {
    const path = `images[${index}]`;
    // Images end in any order, and their problems are to be told in one.
    const own = new Problems();
    const wanted = await wantedTags(image, sourceOf, lock);
    if (wanted.length === 0) own.add(`${path}.tags`, noMatch(image), NO_MATCH_MEND);
    const found: LockedImage[] = [];
    for (const each of wanted) {
      const known = lock.images.find(
        ({ name, source }) => declaredName(name) === image.name && source === each.source,
      );
      const locked =
        known === undefined
          ? await resolveImage(each, sourceOf)
          : await keepLocked(known, each, sourceOf);
      if (typeof locked === "string") {
        own.add(`${path}.source`, locked);
        continue;
      }
      checkPlatforms(image, locked, `${path}.platforms`, own);
      found.push(locked);
    }
    return { found, own };
  });
  for (const { own } of resolved) problems.addAll(own);
  problems.throwIfAny("images");
  return { version: 1, images: resolved.flatMap(({ found }) => found).sort(byName) };
}

/** What an image's declaration comes to, the newest tag first; nothing if no tag matches. */
async function wantedTags(
  image: ImageDeclaration,
  sourceOf: SourceOf,
  lock: ImageLock,
): Promise<readonly Wanted[]> {
  const { name, source, tags: pattern } = image;
  if (pattern === undefined) return [{ name, source }];
  const kept = lockedEntries(image, lock);
  if (kept.length > 0) return kept.map(({ name, source }) => ({ name, source, tags: pattern }));
  const { registry, repository } = parseReference(source);
  const selected = await readMatchingTags(sourceOf(registry), repository, pattern);
  return selected.map((tag, index) => ({
    name: index === 0 ? name : `${name}:${tag}`,
    source: formatReference({ registry, repository, tag }),
    tags: pattern,
  }));
}

const NO_MATCH_MEND = "pre-releases count only for a pattern with a '-'";

function noMatch({ source, tags }: ImageDeclaration): string {
  return `no tag of '${source}' matches '${tags?.match}'`;
}

/** A locked image, or what is wrong. */
async function resolveImage(wanted: Wanted, sourceOf: SourceOf): Promise<LockedImage | string> {
  const { registry, repository, tag, digest } = parseReference(wanted.source);
  const client = sourceOf(registry);
  const tree = await readImageTree(client, repository, digest ?? tag ?? "");
  if (tree === undefined) return `'${wanted.source}' is not there`;
  return {
    ...wanted,
    repository: mirrorRepository(declaredName(wanted.name)),
    digest: tree.root.digest,
    mediaType: tree.root.mediaType,
    platforms: await platformsOf(tree, client, repository),
    bytes: tree.bytes,
  };
}

/** The locked image if its tag still stands for it, or else what has changed. */
async function keepLocked(
  known: LockedImage,
  wanted: Wanted,
  sourceOf: SourceOf,
): Promise<LockedImage | string> {
  const { mediaType, platforms, bytes } = known;
  const image = {
    ...wanted,
    repository: known.repository,
    digest: known.digest,
    mediaType,
    platforms,
    bytes,
  };
  const { registry, repository, tag, digest } = parseReference(image.source);
  if (tag === undefined || digest !== undefined) return image;
  const current = await sourceOf(registry).headManifest(repository, tag);
  // A tag that is gone changes nothing: the digest says what is meant.
  if (current === undefined || current === image.digest) return image;
  return (
    `'${image.source}' has moved from ${image.digest} to ${current}; ` +
    (image.tags === undefined ? `to stay, append @${image.digest} to the source; ` : "") +
    `to follow, run: atom mirror lock --update --apply`
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
      if (platform === undefined) continue;
      const text = formatPlatform(platform);
      // Build tools list attestations as manifests for "unknown/unknown"; what has no system at all,
      // such as a layer of files, often has a config whose fields are empty.
      if (platform.os !== "unknown" && isPlatform(text)) platforms.add(text);
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
  const result = configSchema.safeParse(parseJson(bytes));
  return result.success ? result.data : undefined;
}

function byName(a: LockedImage, b: LockedImage): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
