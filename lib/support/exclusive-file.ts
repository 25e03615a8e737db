import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { makeFolder, unwrittenFile } from "./unwritten-file";

/**
 * Creates a file with its whole content, or leaves the one that is there: of any number of callers,
 * in this process or others, exactly one gets true. Content and name are synced before it returns,
 * so a crash cannot take the answer back. Missing folders are made.
 *
 * The file is written under another name and hard-linked, because link(2) fails if the name exists
 * and, unlike an exclusive open, never shows half a content.
 *
 * @throws UnwrittenFile if the system refuses it.
 */
export function createFileExclusive(path: string, content: string, mode = 0o600): boolean {
  const folder = dirname(path);
  makeFolder(folder);
  // Random, because a crash may leave the file behind and a container's process number repeats.
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    writeSynced(temporary, content, mode);
    if (!linkNew(temporary, path)) return false;
  } catch (error) {
    throw unwrittenFile(error, path);
  } finally {
    // Asked first: where nobody may look, removing what is not there fails, too.
    if (existsSync(temporary)) rmSync(temporary, { force: true });
  }
  syncFolder(folder);
  return true;
}

function writeSynced(path: string, content: string, mode: number): void {
  const file = openSync(path, "wx", mode);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function linkNew(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
