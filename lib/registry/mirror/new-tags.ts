import { mapBounded } from "../../support/map-bounded";
import { lockedEntries } from "./image";
import type { ImageDeclaration, ImageLock } from "./image";
import { parseReference } from "../reference";
import type { SourceOf } from "../registry-client";
import { readMatchingTags } from "./tag-pattern";

const IMAGES_AT_ONCE = 4;

/** Tags that an image's pattern would select now and that its lock does not have. */
export interface NewTags {
  readonly image: string;
  /** Newest first; at least one. */
  readonly tags: readonly string[];
}

/**
 * Asks what the patterns that a lock has would select today. It changes nothing: a lock is a lock.
 *
 * @param lock made from these images; an image whose pattern it does not have is left out.
 * @throws RegistryError if a registry fails.
 */
export async function findNewTags(
  images: readonly ImageDeclaration[],
  sourceOf: SourceOf,
  lock: ImageLock,
): Promise<NewTags[]> {
  const found = await mapBounded(images, IMAGES_AT_ONCE, async (image) => {
    const known = new Set(
      lockedEntries(image, lock).map(({ source }) => parseReference(source).tag),
    );
    if (image.tags === undefined || known.size === 0) return { image: image.name, tags: [] };
    const { registry, repository } = parseReference(image.source);
    const selected = await readMatchingTags(sourceOf(registry), repository, image.tags);
    return { image: image.name, tags: selected.filter((tag) => !known.has(tag)) };
  });
  return found.filter(({ tags }) => tags.length > 0);
}
