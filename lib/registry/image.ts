import { z } from "zod";
import { isDigest } from "../support/digest";
import type { Digest } from "../support/digest";
import { isPlatform } from "./platform";
import { parseReference, referenceFault } from "./reference";

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LONGEST_NAME = 63;

/** An image a fleet needs, as its owner declares it. */
export const imageSchema = z.strictObject({
  /** What charts call the image; it becomes the last part of the repository in the mirror. */
  name: z
    .string()
    .max(LONGEST_NAME, `is longer than ${LONGEST_NAME} characters`)
    .regex(NAME, "is not lower-case letters, digits and single '-' between them"),
  /** Where it comes from: `ghcr.io/atom-cloud/api:7.2.0`, with a tag, a digest or both. */
  source: z.string().superRefine((source, context) => {
    const fault = referenceFault(source) ?? unpinned(source);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  }),
  /** Platforms it has to offer; it is copied whole, with all it has. @default - whatever it has */
  platforms: z
    .array(z.string().refine(isPlatform, "is not os/architecture, such as linux/amd64"))
    .min(1, "is empty; leave it out if any platform will do")
    .optional(),
});

/** An image a fleet needs, as its owner declares it. */
export type ImageDeclaration = z.infer<typeof imageSchema>;

/** An image whose tag has been resolved to a digest, once and for all. */
export interface LockedImage {
  readonly name: string;
  /** As it was declared. */
  readonly source: string;
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
      name: imageSchema.shape.name,
      source: imageSchema.shape.source,
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

function unpinned(source: string): string | undefined {
  const { tag, digest } = parseReference(source);
  return tag === undefined && digest === undefined
    ? "has neither a tag nor a digest; write registry/repository:tag"
    : undefined;
}
