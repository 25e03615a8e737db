import { dirname, join, relative, sep } from "node:path";
import { STANDARD_INPUT } from "../report/audit-report";
import { count } from "../report/markdown";
import { groupBy } from "../support/group-by";
import { oneLine } from "../support/one-line";
import { UsageError } from "../support/problem";
import type { PlacedObject } from "./audit-places";
import type { ManifestFileText } from "./manifest-files";
import { MOST_NAMED, someOf } from "./some-of";

/** The files of one cluster. */
export interface ClusterFiles {
  readonly cluster: string;
  readonly files: readonly ManifestFileText[];
}

/**
 * Takes each folder in the paths that were named for a cluster of its name; more of its path is in the name
 * where folders of several paths have one, as `prod/eu` and `staging/eu`.
 *
 * @throws UsageError for files that lie in none.
 */
export function clustersByFolder(files: readonly ManifestFileText[]): readonly ClusterFiles[] {
  const names = folderNames(files);
  const stray = files.filter(({ folder }) => folder === undefined);
  if (stray.length > 0) {
    const message = "lies in no folder below a path that was named, so it is of no cluster";
    throw new UsageError(
      "audit with --cluster-per-folder",
      stray.slice(0, MOST_NAMED).map(({ path }) => ({
        path,
        message,
        mend: oneLine(strayMend(path, [...names.values()])),
      })),
    );
  }
  return [...groupBy(files, ({ folder }) => folder!)].map(([folder, own]) => ({
    cluster: names.get(folder)!,
    files: own,
  }));
}

/** @param taken the clusters that other files are of. */
function strayMend(path: string, taken: readonly string[]): string {
  if (taken.length > 0) {
    return `all else lies in ${foldersText(taken)}; put it into one of them, or name other paths`;
  }
  if (path === STANDARD_INPUT) return "name the folder in which each cluster has one of its own";
  const folder = dirname(path);
  return `no folder is taken for a cluster; if ${folder} is one, name the folder above: ${join(folder, "..")}`;
}

/** What tells folders apart, by their paths: as few of the last parts of each as no other one has. */
function folderNames(files: readonly FiledText[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let alike = [...new Set(files.flatMap(({ folder }) => folder ?? []))];
  for (let parts = 1; alike.length > 0; parts++) {
    const groups = groupBy(alike, (folder) => folder.split(sep).slice(-parts).join("/"));
    for (const [name, [folder, ...others]] of groups) {
      if (others.length === 0) names.set(folder!, name);
    }
    alike = alike.filter((folder) => !names.has(folder));
  }
  return names;
}

/** `the folders eu, us` */
function foldersText(names: readonly string[]): string {
  return `the folder${names.length === 1 ? "" : "s"} ${eachOnce(names)}`;
}

function eachOnce(names: readonly string[]): string {
  return someOf([...new Set(names)].sort());
}

/**
 * Says so where folders seem to be clusters: objects of one name stand in several of them. As one cluster they
 * would be in each other's way, and are reported so. They may lie deeper than the option would look for them:
 * then it says which path to name.
 */
export function clustersHints(
  files: readonly ManifestFileText[],
  objects: readonly PlacedObject[],
): readonly string[] {
  let filed: readonly FiledText[] = files;
  for (let deeper = false; filed.some(({ folder }) => folder !== undefined); deeper = true) {
    const shared = sharedNames(objects, filed);
    if (shared.count > 0) {
      const names = folderNames(filed);
      const folders = deeper ? shared.folders : shared.folders.map((folder) => names.get(folder)!);
      const above = deeper ? `name ${eachOnce(shared.folders.map(dirname))} and ` : "";
      return [
        oneLine(
          `${foldersText(folders)} have ${count(shared.count, "object name")} in common; ` +
            `if each folder is a cluster, ${above}add --cluster-per-folder`,
        ),
      ];
    }
    filed = filed.map((each) => (each.folder === undefined ? each : withInnerFolder(each)));
  }
  return [];
}

/**
 * Says which folders were taken for clusters, and where that seems to be a level too high or too deep: objects
 * of one name stand in several folders of one cluster, or no two clusters have one in common.
 */
export function takenForClusters(
  clusters: readonly ClusterFiles[],
  objects: readonly PlacedObject[],
): readonly string[] {
  const names = clusters.map(({ cluster }) => cluster);
  const lines = [`taken for ${count(names.length, "cluster")}: ${foldersText(names)}`];
  const inside = sharedNames(
    objects,
    clusters.flatMap(({ files }) => files.map(withInnerFolder)),
  );
  if (inside.count > 0) {
    lines.push(
      `${foldersText(inside.folders)} have ${count(inside.count, "object name")} in common; ` +
        `if each of them is a cluster, name ${eachOnce(inside.folders.map(dirname))} instead`,
    );
  } else if (names.length > 1 && !haveNameInCommon(objects)) {
    const roots = clusters.map(({ files: [file] }) => dirname(file!.folder!));
    lines.push(
      "no two of them have an object name in common; if they are parts of one cluster, " +
        `name the folder above: ${eachOnce(roots.map((root) => join(root, "..")))}`,
    );
  }
  return lines.map(oneLine);
}

/** The folder of a cluster's own in which a file lies. */
function withInnerFolder({ path, folder = "" }: FiledText): FiledText {
  const [inner, ...rest] = relative(folder, path).split(sep);
  return rest.length === 0 ? { path } : { path, folder: join(folder, inner!) };
}

type FiledText = Pick<ManifestFileText, "path" | "folder">;

/** How many object names of one cluster stand in several folders, and in which. */
function sharedNames(
  objects: readonly PlacedObject[],
  files: readonly FiledText[],
): { readonly count: number; readonly folders: readonly string[] } {
  const folderOf = new Map(files.map(({ path, folder }) => [path, folder]));
  const alike = groupBy(objects, ({ cluster, id }) => `${cluster}\n${id}`);
  const shared = [...alike.values()]
    .map((each) => new Set(each.flatMap(({ document }) => folderOf.get(document.file) ?? [])))
    .filter((folders) => folders.size > 1);
  return { count: shared.length, folders: [...new Set(shared.flatMap((each) => [...each]))] };
}

function haveNameInCommon(objects: readonly PlacedObject[]): boolean {
  return [...groupBy(objects, ({ id }) => id).values()].some(
    (alike) => new Set(alike.map(({ cluster }) => cluster)).size > 1,
  );
}
