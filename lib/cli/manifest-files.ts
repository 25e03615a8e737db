import { lstatSync, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { STANDARD_INPUT } from "../report/audit-report";
import { UsageError } from "../support/problem";
import { readStandardInput } from "./standard-input";

/** A file of manifests, as it was named. */
export interface ManifestFileText {
  readonly path: string;
  /** The folder that it lies in, directly below the one that was named; undefined if it lies in none. */
  readonly folder?: string;
  readonly bytes: Uint8Array;
}

const MANIFEST = /\.(ya?ml|json)$/i;
const LARGEST_FILE = 64 * 1024 * 1024;
const LARGEST_TOGETHER = 256 * 1024 * 1024;
const MOST_FILES = 10_000;
const DEEPEST_FOLDER = 32;

/**
 * Reads manifests from files, from folders with all below them, and from standard input for `-`.
 * Links inside a folder are not followed.
 *
 * @throws UsageError for a path that is not there, a folder without manifests, or too much of it.
 */
export async function readManifestFiles(
  paths: readonly string[],
): Promise<readonly ManifestFileText[]> {
  const found = [...new Set(paths)].flatMap((root) =>
    (root === "-" ? [root] : filesAt(root)).map((path) => ({ path, ...folderOf(path, root) })),
  );
  if (found.length > MOST_FILES) throw refused(namesOf(paths), `holds over ${MOST_FILES} files`);
  const files: ManifestFileText[] = [];
  let total = 0;
  for (const { path, ...folder } of found) {
    const bytes = path === "-" ? Buffer.from(await readStandardInput()) : await readWhole(path);
    total += bytes.length;
    if (total > LARGEST_TOGETHER)
      throw refused(named(path), `brings all to over ${LARGEST_TOGETHER} bytes`);
    files.push({ path: named(path), ...folder, bytes });
  }
  return files;
}

function folderOf(path: string, root: string): Pick<ManifestFileText, "folder"> {
  const [folder, ...rest] = relative(root, path).split(sep);
  return rest.length === 0 ? {} : { folder: folder! };
}

/** Paths as errors name them: `-` is standard input. */
export function namesOf(paths: readonly string[]): string {
  return paths.map(named).join(", ");
}

function named(path: string): string {
  return path === "-" ? STANDARD_INPUT : path;
}

function filesAt(path: string): string[] {
  const stat = reading(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stat === undefined) throw refused(path, "is not there");
  if (stat.isFile()) return [path];
  if (!stat.isDirectory()) throw refused(path, "is neither a file nor a folder");
  const files = filesBelow(path, 0);
  if (files.length === 0) throw refused(path, "holds no .yaml, .yml or .json file");
  return files;
}

function filesBelow(folder: string, depth: number): string[] {
  if (depth > DEEPEST_FOLDER) throw refused(folder, "lies too deep");
  return reading(folder, () => readdirSync(folder))
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const stat = lstatSync(path);
      if (stat.isDirectory()) return filesBelow(path, depth + 1);
      return stat.isFile() && MANIFEST.test(name) ? [path] : [];
    });
}

async function readWhole(path: string): Promise<Buffer> {
  if (statSync(path).size > LARGEST_FILE) throw refused(path, `has over ${LARGEST_FILE} bytes`);
  try {
    return await readFile(path);
  } catch (error) {
    throw refused(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** A folder that one may not read, or a link that leads to itself. */
function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refused(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function refused(path: string, message: string): UsageError {
  return new UsageError("audit", [{ path, message }]);
}
