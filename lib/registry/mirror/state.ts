import { z } from "zod";
import { writeJsonAtomic } from "../../support/atomic-file";
import { isDigest } from "../../support/digest";
import type { Digest } from "../../support/digest";
import { readStateFile } from "../../support/state-file";
import { REGISTRY_FAILURES } from "../registry-error";

const count = z.int().nonnegative();

const mirroredImageSchema = z.strictObject({
  name: z.string(),
  /** As it was declared. */
  source: z.string(),
  /** Repository at the target's registry: `atom/api`. */
  repository: z.string(),
  digest: z.custom<Digest>(isDigest, "is no sha256 digest"),
  platforms: z.array(z.string()).readonly(),
  /** Bytes of all manifests, configs and layers. */
  bytes: count,
  /** Signatures, attestations, SBOMs and other referrers of the source, and those at the target. */
  upstreamSignatures: z.strictObject({ found: count, carried: count }),
  /** Whether our own signature is at the target. */
  signed: z.boolean(),
  /** Whether manifests and our signature were read again from the target, and it says that it has each layer. */
  verified: z.boolean(),
  /** `present` if the target had the whole image already. */
  outcome: z.enum(["copied", "present", "failed"]),
  /** What kind of failure it was; `other` is one of this machine, such as a full disk. */
  failure: z.enum([...REGISTRY_FAILURES, "other"]).optional(),
  /** Why it failed. */
  cause: z.string().optional(),
  /** When that was, or when it failed; ISO 8601. */
  at: z.string(),
});

const mirrorStateSchema = z.strictObject({
  version: z.literal(1),
  target: z.string(),
  images: z.array(mirroredImageSchema).readonly(),
  /**
   * Repositories that the mirror has written, also for images that the fleet has given up since: where
   * garbage collection looks. @default - those of the images
   */
  repositories: z.array(z.string()).readonly().optional(),
});

/** What became of one image. */
export type MirroredImage = Readonly<z.infer<typeof mirroredImageSchema>>;

/** What became of every image of a plan, in the plan's order (`mirror_state.json`). */
export type MirrorState = Readonly<z.infer<typeof mirrorStateSchema>>;

/**
 * Reads a mirror's state.
 *
 * @returns undefined if there is no such file.
 * @throws UsageError if the file is of another version or holds anything unknown.
 */
export function readMirrorState(path: string): MirrorState | undefined {
  return readStateFile(path, mirrorStateSchema, {
    subject: "mirror state",
    version: 1,
    mend: "delete it and mirror again: images that are in place are not copied twice",
  });
}

/** Writes a mirror's state whole or not at all. */
export function writeMirrorState(path: string, state: MirrorState): void {
  writeJsonAtomic(path, state);
}

/** The images that are not in place; a run with any of them has failed. */
export function failedImages(state: MirrorState): readonly MirroredImage[] {
  return state.images.filter(({ outcome }) => outcome === "failed");
}
