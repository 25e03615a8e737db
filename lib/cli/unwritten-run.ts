import { relative } from "node:path";
import { workspaceIn } from "../simulation/workspace";
import { UsageError } from "../support/problem";
import { isFull, writingMend } from "../support/unwritten-file";

/**
 * What is to be thrown for what a simulation threw: a UsageError where it could not write, else the same.
 *
 * @param out the folder that the simulation wrote below.
 */
export function unwrittenRun(error: unknown, out: string): unknown {
  const { code = "", path } = error as NodeJS.ErrnoException;
  const mend = writingMend(code);
  const { reports, compliance, logs, work } = workspaceIn(out);
  // What cannot be read ends in the same words. A full disk may name no file.
  const isOurs =
    path === undefined
      ? isFull(code)
      : [reports, compliance, logs, work].some((own) => isAt(path, own));
  if (mend === undefined || !isOurs) return error;
  return new UsageError("simulation", [
    {
      path: path ?? out,
      message: `cannot be written (${code}); the run is not whole`,
      mend: `${mend}, or name another folder with --out`,
    },
  ]);
}

/** Whether a path is another one, lies below it, or is a folder on the way to it. */
function isAt(path: string, other: string): boolean {
  return [relative(other, path), relative(path, other)].some((way) => !way.startsWith(".."));
}
