import { writeJsonAtomic } from "../../support/atomic-file";
import { readStateFile } from "../../support/state-file";
import { imageLockSchema } from "./image";
import type { ImageLock } from "./image";

/**
 * Reads an image lock (`atom.lock.json`).
 *
 * @returns undefined if there is no such file.
 * @throws UsageError if the file is of another version or holds anything unknown.
 */
export function readImageLock(path: string): ImageLock | undefined {
  return readStateFile(path, imageLockSchema, {
    subject: "image lock",
    version: 1,
    mend: "restore it from version control, or delete it to resolve every tag anew",
  });
}

/** Writes an image lock whole or not at all. */
export function writeImageLock(path: string, lock: ImageLock): void {
  writeJsonAtomic(path, lock);
}
