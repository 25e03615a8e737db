import { realpathSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { STANDARD_INPUT } from "../report/audit-report";
import { groupBy } from "../support/group-by";
import { oneLine } from "../support/one-line";
import { UsageError } from "../support/problem";
import { filesBelow, reading } from "./files-below";
import type { FilesBelowOptions } from "./files-below";
import { readStandardInput } from "./standard-input";

/** A file of manifests, as it was named. */
export interface ManifestFileText {
  readonly path: string;
  /** Path of the folder that it lies in, directly below the one that was named; undefined if it lies in none. */
  readonly folder?: string;
  /** Whether it was found in a folder; what was named itself has to hold an object. */
  readonly found?: boolean;
  readonly bytes: Uint8Array;
}

const MANIFEST = /\.(ya?ml|json)$/i;
const LARGEST_FILE = 64 * 1024 * 1024;
const LARGEST_TOGETHER = 256 * 1024 * 1024;
const MOST_FILES = 10_000;

/** How folders are searched for manifests. */
export type ManifestSearch = Pick<FilesBelowOptions, "perFolder" | "passedOver">;

/**
 * Reads manifests from files, from folders with all below them, and from standard input for `-`. Links
 * are followed: see {@link filesBelow}. A file counts once, however many of the paths lead to it.
 *
 * @throws UsageError for a path that is not there, a folder without manifests, or too much of it.
 */
export async function readManifestFiles(
  paths: readonly string[],
  search: ManifestSearch = {},
): Promise<readonly ManifestFileText[]> {
  const found = [...new Set(paths)].flatMap((root) => placesAt(root, search));
  const once = eachOnce(found, search.perFolder ?? false);
  if (once.length > MOST_FILES) throw refused(namesOf(paths), `holds over ${MOST_FILES} files`);
  const files: ManifestFileText[] = [];
  let total = 0;
  for (const { path, ...place } of once) {
    const bytes = path === "-" ? Buffer.from(await readStandardInput()) : await readWhole(path);
    total += bytes.length;
    if (total > LARGEST_TOGETHER)
      throw refused(named(path), `brings all to over ${LARGEST_TOGETHER} bytes`);
    files.push({ path: named(path), ...place, bytes });
  }
  return files;
}

type ManifestPlace = Omit<ManifestFileText, "bytes">;

function placesAt(root: string, search: ManifestSearch): readonly ManifestPlace[] {
  const paths = root === "-" ? [root] : filesAt(root, search);
  return paths.map((path) => ({ path, found: path !== root, ...folderOf(path, root) }));
}

/** Each file by the first of its paths, if asked for once a folder. One that was named has been named, wherever else it was found. */
function eachOnce(places: readonly ManifestPlace[], perFolder: boolean): readonly ManifestPlace[] {
  const real = (path: string) => reading(path, () => realpathSync(path));
  const alike = groupBy(places, ({ path, folder }) => {
    if (path === "-") return path;
    return perFolder && folder !== undefined ? `${resolve(folder)}\n${real(path)}` : real(path);
  });
  return [...alike.values()].map((same) => ({
    ...same.find(({ folder }) => folder !== undefined),
    path: same[0]!.path,
    found: same.every(({ found }) => found),
  }));
}

function folderOf(path: string, root: string): Pick<ManifestFileText, "folder"> {
  const [folder, ...rest] = relative(root, path).split(sep);
  return rest.length === 0 ? {} : { folder: join(root, folder!) };
}

/** Paths as errors name them: `-` is standard input. */
export function namesOf(paths: readonly string[]): string {
  return paths.map(named).join(", ");
}

function named(path: string): string {
  return path === "-" ? STANDARD_INPUT : path;
}

function filesAt(path: string, search: ManifestSearch): readonly string[] {
  if (path === "") throw refused('""', "is no path");
  const stat = reading(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stat === undefined) throw refused(path, "is not there");
  if (stat.isFile()) return [path];
  if (!stat.isDirectory()) throw refused(path, "is neither a file nor a folder");
  const aside: string[] = [];
  const { perFolder, passedOver } = search;
  const files = filesBelow(path, {
    name: MANIFEST,
    ...(perFolder === undefined ? {} : { perFolder }),
    ...(passedOver === undefined ? {} : { passedOver: (folder) => void aside.push(folder) }),
  });
  if (files.length === 0) {
    const but =
      aside.length === 0 ? "" : ` outside of ${aside.map(oneLine).slice(0, 5).join(", ")}`;
    throw refused(path, `holds no .yaml, .yml or .json file${but}`);
  }
  aside.forEach((folder) => passedOver?.(folder));
  return files;
}

async function readWhole(path: string): Promise<Buffer> {
  if (statSync(path).size > LARGEST_FILE) throw refused(path, `has over ${LARGEST_FILE} bytes`);
  try {
    return await readFile(path);
  } catch (error) {
    throw refused(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function refused(path: string, message: string): UsageError {
  return new UsageError("audit", [{ path, message }]);
}
