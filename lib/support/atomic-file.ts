import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder, unwrittenFile } from "./unwritten-file";

/**
 * Writes a whole file or nothing: a temporary file beside the target is written, synced and
 * renamed over it, and the folder is synced. Missing folders are made. A reader sees the old
 * bytes or the new ones, also after a crash.
 *
 * @param content or its pieces, for what is longer than a string can be.
 * @throws UnwrittenFile if the system refuses it.
 */
export function writeFileAtomic(
  path: string,
  content: string | Uint8Array | Iterable<string>,
  mode = 0o644,
): void {
  const folder = dirname(path);
  makeFolder(folder);
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const pieces = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  try {
    const file = openSync(temporary, "wx", mode);
    try {
      for (const piece of pieces) writeWhole(file, piece);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    // Asked first: where nobody may look, removing what is not there fails, too.
    if (existsSync(temporary)) rmSync(temporary, { force: true });
    throw unwrittenFile(error, path);
  }
  syncFolder(folder);
}

/** Writes a value as JSON, two spaces of indent and a final newline, by {@link writeFileAtomic}. */
export function writeJsonAtomic(path: string, value: unknown, mode = 0o644): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, mode);
}

function writeWhole(file: number, piece: string | Uint8Array): void {
  const bytes = typeof piece === "string" ? Buffer.from(piece, "utf8") : piece;
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
