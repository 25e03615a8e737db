import { z } from "zod";
import { isDigest } from "../../support/digest";
import type { Digest } from "../../support/digest";
import { isPlatform } from "../platform";
import { isTag, parseReference, referenceFault, repositoryOf } from "../reference";
import { tagPatternSchema } from "./tag-pattern";
import type { TagPattern } from "./tag-pattern";

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LONGEST_NAME = 63;

/** An image a fleet needs, as its owner declares it. */
export const imageSchema = z
  .strictObject({
    /** What charts call the image; it becomes the last part of the repository in the mirror. */
    name: z
      .string()
      .max(LONGEST_NAME, `is longer than ${LONGEST_NAME} characters`)
      .regex(NAME, "is not lower-case letters, digits and single '-' between them"),
    /**
     * Where it comes from: `ghcr.io/atom-cloud/api:7.2.0`, with a tag, a digest or both; with neither
     * if there are `tags`.
     */
    source: z.string().superRefine((source, context) => {
      const fault = referenceFault(source);
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
    }),
    /** Which tags are mirrored; the name stands for the newest. @default - the source's one tag */
    tags: tagPatternSchema.optional(),
    /** Platforms it has to offer; it is copied whole, with all it has. @default - whatever it has */
    platforms: z
      .array(z.string().refine(isPlatform, "is not os/architecture, such as linux/amd64"))
      .min(1, "is empty; leave it out if any platform will do")
      .optional(),
  })
  .superRefine((image, context) => {
    const message = sourceProblem(image);
    if (message !== undefined) context.addIssue({ code: "custom", path: ["source"], message });
  });

/** An image a fleet needs, as its owner declares it. */
export type ImageDeclaration = z.infer<typeof imageSchema>;

/** An image whose tag has been resolved to a digest, once and for all. */
export interface LockedImage {
  /** As it was declared; of an image with several tags, all but the newest are called `api:7.1.0`. */
  readonly name: string;
  /** As it was declared; with its tag if a pattern selected it. */
  readonly source: string;
  /** The pattern that selected it. @default - it was declared by its tag or digest */
  readonly tags?: TagPattern | undefined;
  /** Path below the mirror's target: `atom/api`. */
  readonly repository: string;
  /** Digest of the manifest, or of the index if the image has several platforms. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** Every platform the image offers, sorted; none for an artifact that is no image. */
  readonly platforms: readonly string[];
  /** Bytes of all its manifests, configs and layers. */
  readonly bytes: number;
}

/** The images of a fleet by digest, as `atom.lock.json` holds them. */
export interface ImageLock {
  readonly version: 1;
  /** Sorted by name. */
  readonly images: readonly LockedImage[];
}

/** The schema of a lock file; what it does not know is refused. */
export const imageLockSchema = z.strictObject({
  version: z.literal(1),
  images: z.array(
    z.strictObject({
      name: z.string().refine(isLockedName, "is no image's name"),
      source: imageSchema.shape.source.refine(isPinned, "has neither a tag nor a digest"),
      tags: tagPatternSchema.optional(),
      repository: z.string().min(1),
      digest: z.custom<Digest>(isDigest, "is no sha256 digest"),
      mediaType: z.string().min(1),
      platforms: z.array(z.string().refine(isPlatform, "is no platform")),
      bytes: z.int().nonnegative(),
    }),
  ),
});

/** Where an image of this name lies below a mirror's target. */
export function mirrorRepository(name: string): string {
  return `atom/${name}`;
}

/** The name that a locked image was declared with: `api` of `api:7.1.0`. */
export function declaredName(lockedName: string): string {
  return lockedName.split(":", 1)[0] ?? "";
}

/**
 * What a lock has of a declared image: one entry, or one for each tag that its pattern selected. None
 * if it was declared otherwise when the lock was made.
 */
export function lockedEntries(image: ImageDeclaration, lock: ImageLock): readonly LockedImage[] {
  return lock.images.filter(
    ({ name, source, tags }) =>
      declaredName(name) === image.name &&
      tags?.match === image.tags?.match &&
      tags?.newest === image.tags?.newest &&
      (tags === undefined ? source : repositoryOf(source)) ===
        (tags === undefined ? image.source : repositoryOf(image.source)),
  );
}

/** What is wrong with a declared image's source beside its `tags`, or undefined if nothing is. */
export function sourceProblem({
  source,
  tags,
}: Pick<ImageDeclaration, "source" | "tags">): string | undefined {
  if (tags === undefined && !isPinned(source)) {
    return "has neither a tag nor a digest; write registry/repository:tag, or add tags";
  }
  return tags !== undefined && isPinned(source)
    ? "has a tag or a digest although there are tags; write registry/repository"
    : undefined;
}

function isPinned(source: string): boolean {
  if (referenceFault(source) !== undefined) return false;
  const { tag, digest } = parseReference(source);
  return tag !== undefined || digest !== undefined;
}

function isLockedName(name: string): boolean {
  const declared = declaredName(name);
  const tag = name.slice(declared.length + 1);
  return imageSchema.shape.name.safeParse(declared).success && (name === declared || isTag(tag));
}
