import { imageSchema, mirrorRepository } from "../../lib/registry/mirror/image";
import type { ImageLock } from "../../lib/registry/mirror/image";
import { OCI_MANIFEST } from "../../lib/registry/media-types";
import { sha256 } from "../../lib/support/digest";

/** A lock with a made-up digest for every image of a fleet. */
export function lockFor({ images }: Record<string, unknown>): ImageLock {
  return {
    version: 1,
    images: imageSchema
      .array()
      .parse(images)
      .map(({ name, source }) => ({
        name,
        source,
        repository: mirrorRepository(name),
        digest: sha256(source),
        mediaType: OCI_MANIFEST,
        platforms: ["linux/amd64"],
        bytes: 1000,
      })),
  };
}
