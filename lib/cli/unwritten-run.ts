import { relative } from "node:path";
import { workspaceIn } from "../simulation/workspace";
import { UsageError } from "../support/problem";

const ELSEWHERE = "or name another folder with --out";
const RIGHTS = `see that this user may write there, ${ELSEWHERE}`;
const ROOM = `make room there, ${ELSEWHERE}`;
const TAKEN = `move away what has its name, ${ELSEWHERE}`;

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
]);

/**
 * What is to be thrown for what a simulation threw: a UsageError where it could not write, else the same.
 *
 * @param out the folder that the simulation wrote below.
 */
export function unwrittenRun(error: unknown, out: string): unknown {
  const { code = "", path } = error as NodeJS.ErrnoException;
  const mend = MENDS.get(code);
  const { reports, compliance, logs, work } = workspaceIn(out);
  // What cannot be read ends in the same words. A full disk may name no file.
  const isOurs =
    path === undefined
      ? mend === ROOM
      : [reports, compliance, logs, work].some((own) => isAt(path, own));
  if (mend === undefined || !isOurs) return error;
  return new UsageError("simulation", [
    { path: path ?? out, message: `cannot be written (${code}); the run is not whole`, mend },
  ]);
}

/** Whether a path is another one, lies below it, or is a folder on the way to it. */
function isAt(path: string, other: string): boolean {
  return [relative(other, path), relative(path, other)].some((way) => !way.startsWith(".."));
}
