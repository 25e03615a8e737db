import { z } from "zod";
import { hexOf, isDigest } from "../../support/digest";
import type { Digest } from "../../support/digest";
import { loadPublicKey } from "../../signing/key";
import { Problems } from "../../support/problem";
import { declaredName } from "./image";
import type { ImageLock, LockedImage } from "./image";
import {
  formatReference,
  isRegistry,
  isRepository,
  isTag,
  parseReference,
  referenceFault,
} from "../reference";

/** One image to be mirrored. */
export interface PlannedImage {
  /** Unique in a plan. Of an image with several tags, all but the newest are called `api:7.1.0`. */
  readonly name: string;
  /** As it was declared. */
  readonly source: string;
  /** Where it is copied from, by digest: `ghcr.io/atom-cloud/api@sha256:…`. */
  readonly from: string;
  /** Where it is pulled from afterwards, by digest: `registry.example:5000/atom/api@sha256:…`. */
  readonly to: string;
  /** Repository at the target's registry, the target's own path included: `atom/api`. */
  readonly repository: string;
  /** Tag at the target, written last: registries collect what has no tag. */
  readonly tag: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly platforms: readonly string[];
  readonly bytes: number;
  /** Public keys in PEM of which one has to have signed it at its source. @default - it is not asked for */
  readonly upstreamKeys?: readonly string[] | undefined;
}

/** What is to be copied where. It holds no time, no secret and nothing random. */
export interface MirrorPlan {
  /** Registry, with a path where one was given: `registry.example:5000`. */
  readonly target: string;
  /** Sorted by name. */
  readonly images: readonly PlannedImage[];
}

const plannedImageSchema = z.strictObject({
  name: z.string().min(1),
  source: z.string(),
  from: z.string(),
  to: z.string(),
  repository: z.string().refine(isRepository, "is no repository"),
  tag: z.string().refine(isTag, "is no tag"),
  digest: z.custom<Digest>(isDigest, "is no sha256 digest"),
  mediaType: z.string().min(1),
  platforms: z.array(z.string()).readonly(),
  bytes: z.int().nonnegative(),
  upstreamKeys: z
    .array(z.string().refine(isPublicKey, "is no public key"))
    .min(1)
    .readonly()
    .optional(),
});

/** A plan as JSON, for who gets it from another process: every reference has to be by its digest. */
export const mirrorPlanSchema: z.ZodType<MirrorPlan> = z
  .strictObject({ target: z.string(), images: z.array(plannedImageSchema).readonly() })
  .superRefine(({ target, images }, context) => {
    if (!isTarget(target)) {
      context.addIssue({ code: "custom", path: ["target"], message: "is no registry" });
    }
    const { registry } = splitTarget(target);
    images.forEach(({ from, to, repository, digest }, index) => {
      const add = (field: string, message: string) =>
        context.addIssue({ code: "custom", path: ["images", index, field], message });
      if (referenceFault(from) !== undefined || parseReference(from).digest !== digest) {
        add("from", "is no reference by the image's digest");
      }
      if (to !== formatReference({ registry, repository, digest })) {
        add("to", "is not the image's place at the target");
      }
    });
  });

export interface MirrorOptions {
  /** Host with an optional port and path: `registry.example:5000`, `harbor.example/platform`. */
  readonly target: string;
  /** @default - no image has to be signed at its source */
  readonly upstreamKeys?: UpstreamKeys;
}

/** Public keys in PEM by the name that an image is declared with. */
export type UpstreamKeys = Readonly<Record<string, readonly string[]>>;

/** A mirror's target, taken apart. */
export interface MirrorTarget {
  readonly registry: string;
  /** Path all repositories lie below; empty if there is none. */
  readonly prefix: string;
}

/**
 * Plans a mirror: where each locked image comes from and goes to. It reads nothing.
 *
 * @throws UsageError with every problem of the target and of the lock's images.
 */
export function planMirror(
  lock: ImageLock,
  { target, upstreamKeys = {} }: MirrorOptions,
): MirrorPlan {
  const problems = new Problems();
  const place = readTarget(target, problems);
  for (const { name, repository } of lock.images) {
    if (!isRepository(repository)) problems.add(name, `'${repository}' is no repository`);
  }
  problems.throwIfAny("mirror");
  const images = lock.images.map((image) => {
    const keys = new Map(Object.entries(upstreamKeys)).get(declaredName(image.name));
    return { ...planImage(image, place), ...(keys === undefined ? {} : { upstreamKeys: keys }) };
  });
  checkUnique(images, problems);
  problems.throwIfAny("mirror");
  return { target, images: images.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function checkUnique(images: readonly PlannedImage[], problems: Problems): void {
  const names = new Set<string>();
  const places = new Set<string>();
  for (const { name, repository, tag } of images) {
    const place = `${repository}:${tag}`;
    if (names.has(name)) problems.add(name, "is the name of two images");
    if (places.has(place)) problems.add(name, `'${place}' is used by two images`);
    names.add(name);
    places.add(place);
  }
}

/**
 * Takes a mirror's target apart.
 *
 * @throws UsageError if it is no registry with an optional path.
 */
export function parseTarget(target: string): MirrorTarget {
  const problems = new Problems();
  const place = readTarget(target, problems);
  problems.throwIfAny("mirror");
  return place;
}

function readTarget(target: string, problems: Problems): MirrorTarget {
  if (!isTarget(target)) {
    const shown = JSON.stringify(target.slice(0, 300));
    problems.add("target", `${shown} is no registry`, "write host:port or host:port/path");
  }
  return splitTarget(target);
}

function isTarget(target: string): boolean {
  const { registry, prefix } = splitTarget(target);
  const host = isRegistry(registry) && (/[.:]/.test(registry) || registry === "localhost");
  return host && (!target.includes("/") || isRepository(prefix));
}

function splitTarget(target: string): MirrorTarget {
  const slash = target.indexOf("/");
  return slash === -1
    ? { registry: target, prefix: "" }
    : { registry: target.slice(0, slash), prefix: target.slice(slash + 1) };
}

function planImage(image: LockedImage, { registry, prefix }: MirrorTarget): PlannedImage {
  const source = parseReference(image.source);
  const repository = prefix === "" ? image.repository : `${prefix}/${image.repository}`;
  const { name, digest, mediaType, platforms, bytes } = image;
  return {
    name,
    source: image.source,
    from: formatReference({ registry: source.registry, repository: source.repository, digest }),
    to: formatReference({ registry, repository, digest }),
    repository,
    tag: source.tag ?? `digest-${hexOf(digest).slice(0, 12)}`,
    digest,
    mediaType,
    platforms,
    bytes,
  };
}

function isPublicKey(pem: string): boolean {
  try {
    loadPublicKey(pem);
    return true;
  } catch {
    return false;
  }
}
