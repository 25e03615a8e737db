import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Every program of this name on PATH, in PATH's order. Relative entries are left out: they mean another file elsewhere. */
export function searchPath(executable: string, environment: NodeJS.ProcessEnv): string[] {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  return [...new Set(folders)].map((folder) => join(folder, executable)).filter(isExecutable);
}

/** Whether a path, after its links, is a file that this user may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
