import type { Clock } from "../../support/clock";
import { applyMirror } from "../mirror/apply";
import { ArchiveDraft } from "./archive-draft";
import { writeArchive } from "./archive-file";
import type { MirrorPlan } from "../mirror/plan";
import type { SourceOf } from "../registry-client";
import { failedImages } from "../mirror/state";
import type { MirroredImage } from "../mirror/state";

export interface SaveArchiveOptions {
  /** Gives the client of the registry that an image is read from. */
  readonly sourceOf: SourceOf;
  readonly clock: Clock;
  /** Ends the work; no file is left then. */
  readonly signal: AbortSignal;
  /** Is told of each part of a blob that is written, and how many bytes all of them have. */
  readonly onBytes?: (bytes: number, total: number) => void;
}

export interface SavedArchive {
  /** Bytes of all blobs; undefined if nothing was written because an image failed. */
  readonly bytes: number | undefined;
  readonly failed: readonly MirroredImage[];
}

/**
 * Saves the images of a plan that {@link planArchive} made, with all that others attached to them, as
 * one tar file. First the manifests are read, then each blob goes straight into the file. All images
 * or none: one that cannot be read leaves no file.
 *
 * @throws UsageError if the file cannot be made.
 * @throws RegistryError if a blob cannot be read.
 */
export async function saveArchive(
  plan: MirrorPlan,
  path: string,
  { sourceOf, clock, signal, onBytes }: SaveArchiveOptions,
): Promise<SavedArchive> {
  const draft = new ArchiveDraft();
  const { state } = await applyMirror(plan, {
    sourceOf,
    target: draft,
    clock,
    onProgress: () => signal.throwIfAborted(),
  });
  signal.throwIfAborted();
  const failed = failedImages(state);
  if (failed.length > 0) return { bytes: undefined, failed };
  const contents = draft.contents();
  const total = contents.blobs.reduce((sum, { size }) => sum + size, 0);
  await writeArchive(path, contents, { signal, onBytes: (bytes) => onBytes?.(bytes, total) });
  return { bytes: total, failed };
}
