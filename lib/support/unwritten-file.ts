import { mkdirSync } from "node:fs";
import { UsageError } from "./problem";

const RIGHTS = "see that this user may write there";
const ROOM = "make room there";
const TAKEN = "move away what has its name";

/** What to do about a file that cannot be written, by the system's word for it. */
const MENDS: ReadonlyMap<string, string> = new Map([
  ["EACCES", RIGHTS],
  ["EPERM", RIGHTS],
  ["EROFS", RIGHTS],
  ["ENOSPC", ROOM],
  ["EDQUOT", ROOM],
  ["EFBIG", ROOM],
  ["EEXIST", TAKEN],
  ["EISDIR", TAKEN],
  ["ENOTDIR", TAKEN],
  ["ENOTEMPTY", TAKEN],
  ["EBUSY", TAKEN],
  ["EIO", "see that the disk is sound"],
  ["ENAMETOOLONG", "choose a shorter name"],
]);

/** A file that the system did not let be written: nothing that a program could have known before. */
export class UnwrittenFile extends UsageError {
  /** @param code the system's word, one that {@link writingMend} knows. */
  constructor(
    readonly path: string,
    readonly code: string,
  ) {
    super("file", [
      { path, message: `cannot be written (${code})`, mend: writingMend(code) ?? TAKEN },
    ]);
  }
}

/** What to do where the system refuses to write; undefined for what is no refusal. */
export function writingMend(code: string): string | undefined {
  return MENDS.get(code);
}

/** Whether there was no room, whatever was written. */
export function isFull(code: string): boolean {
  return MENDS.get(code) === ROOM;
}

/**
 * What is to be thrown for what writing a file threw: an {@link UnwrittenFile} where the system refused, else
 * the same.
 *
 * @param path of the file: a temporary name tells nobody anything, and a full disk names no file at all.
 */
export function unwrittenFile(error: unknown, path: string): unknown {
  const { code = "" } = error as NodeJS.ErrnoException;
  return MENDS.has(code) ? new UnwrittenFile(path, code) : error;
}

/** Makes a folder and those above it. @throws UnwrittenFile if the system refuses it. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw unwrittenFile(error, (error as NodeJS.ErrnoException).path ?? path);
  }
}
