import { sep } from "node:path";
import { expandList } from "../kubernetes/expand-list";
import type { KubernetesObject } from "../kubernetes/object";
import { safeObjectId, withMetadata } from "../policy/graph/resource-objects";
import { count } from "../report/markdown";
import { groupBy } from "../support/group-by";
import { oneLine } from "../support/one-line";
import { UsageError } from "../support/problem";
import type { ManifestDocument } from "./manifest-documents";
import type { ManifestFileText } from "./manifest-files";

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
  const message = "lies in no folder below a path that was named, so it is of no cluster";
  const stray = files.filter(({ folder }) => folder === undefined);
  if (stray.length > 0) {
    const mend = "name the folder in which each cluster has one of its own";
    throw new UsageError(
      "audit with --cluster-per-folder",
      stray.slice(0, MOST_NAMED).map(({ path }) => ({ path, message, mend })),
    );
  }
  const names = folderNames(files);
  return [...groupBy(files, ({ folder }) => folder!)].map(([folder, own]) => ({
    cluster: names.get(folder)!,
    files: own,
  }));
}

/** What tells folders apart, by their paths: as few of the last parts of each as no other one has. */
function folderNames(files: readonly ManifestFileText[]): ReadonlyMap<string, string> {
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

const MOST_NAMED = 5;

/**
 * Says so where folders seem to be clusters: objects of one name stand in several of them. As one cluster they
 * would be in each other's way, and are reported so.
 */
export function clustersHint(
  files: readonly ManifestFileText[],
  documents: readonly ManifestDocument[],
): string | undefined {
  const folderOf = new Map(files.map(({ path, folder }) => [path, folder]));
  if (new Set(folderOf.values()).size < 2) return undefined;
  const named = documents.flatMap(({ file, value }) =>
    expandList(value as KubernetesObject).map((object) => ({
      id: safeObjectId(withMetadata(object), ""),
      folder: folderOf.get(file),
    })),
  );
  const shared = [...groupBy(named, ({ id }) => id).values()]
    .map((alike) => new Set(alike.flatMap(({ folder }) => folder ?? [])))
    .filter((folders) => folders.size > 1);
  if (shared.length === 0) return undefined;
  const names = folderNames(files);
  const folders = [...new Set(shared.flatMap((each) => [...each]))]
    .map((folder) => names.get(folder)!)
    .sort();
  const more = folders.length > MOST_NAMED ? ` and ${folders.length - MOST_NAMED} more` : "";
  return oneLine(
    `the folders ${folders.slice(0, MOST_NAMED).join(", ")}${more} have ` +
      `${count(shared.length, "object name")} in common; if each folder is a cluster, add --cluster-per-folder`,
  );
}
