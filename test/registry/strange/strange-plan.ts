import { planMirror } from "../../../lib/registry/mirror/plan";
import type { MirrorPlan } from "../../../lib/registry/mirror/plan";
import { TARGET } from "../helpers";
import type { StrangeManifest } from "./strange-images";

/** Where strange images lie, one at a time. */
export const STRANGE_REPOSITORY = "strange/image";
export const STRANGE_SOURCE = `ghcr.io/${STRANGE_REPOSITORY}:1`;

/** A plan for one image, as a lock would have it that was written before the image became what it is. */
export function planOf({ digest, mediaType }: StrangeManifest, repository: string): MirrorPlan {
  const image = { name: "image", source: STRANGE_SOURCE, repository, digest, mediaType };
  return planMirror(
    { version: 1, images: [{ ...image, platforms: [], bytes: 0 }] },
    { target: TARGET },
  );
}
