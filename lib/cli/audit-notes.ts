import { count } from "../report/markdown";
import { oneLine } from "../support/one-line";
import { nameOf } from "./audit-places";
import { kustomizeBuild } from "./audited-documents";
import type { ManifestFileText } from "./manifest-files";
import { someOf } from "./some-of";

/** Each by its name: whoever reads "no violation" has to know what it does not speak of. */
export function filesPassedOver(files: readonly ManifestFileText[]): readonly string[] {
  if (files.length === 0) return [];
  const heading = `${count(files.length, "file")} passed over, without kind and metadata no Kubernetes object:`;
  return [heading, ...files.map(({ path }) => `  ${oneLine(nameOf(path))}`)];
}

export function kustomizationsPassedOver(files: readonly ManifestFileText[]): readonly string[] {
  if (files.length === 0) return [];
  const heading =
    `${count(files.length, "file")} passed over, of kustomize and no Kubernetes object; patches beside them ` +
    "were taken for whole objects. Audit what is built:";
  return [heading, ...files.map(({ path }) => `  ${kustomizeBuild(path)}`)];
}

export function foldersAside(folders: readonly string[]): readonly string[] {
  if (folders.length === 0) return [];
  const named = someOf(folders.map((folder) => oneLine(nameOf(folder))));
  return [
    `${count(folders.length, "folder")} passed over: ${named}; one that is named is looked into`,
  ];
}
