import { basename, dirname } from "node:path";
import { isRecord } from "../policy/reading/shape";
import { STANDARD_INPUT } from "../report/audit-report";
import { oneLine } from "../support/one-line";
import { UsageError } from "../support/problem";
import type { Problem } from "../support/problem";
import { parseStrictJson } from "../support/strict-json";
import { decodeUtf8 } from "../support/yaml-text";
import { withoutComments } from "./manifest-comments";
import { manifestDocuments } from "./manifest-documents";
import type { ManifestDocument } from "./manifest-documents";
import type { ManifestFileText } from "./manifest-files";
import { MOST_NAMED } from "./some-of";

/** What of some files is audited. */
export interface AuditedDocuments {
  readonly documents: readonly ManifestDocument[];
  /** The files they are in. */
  readonly files: readonly ManifestFileText[];
  /** The files that hold something else. */
  readonly passedOver: readonly ManifestFileText[];
  /** The files that tell kustomize what to build. */
  readonly kustomizations: readonly ManifestFileText[];
}

/** What is said of a file that holds something else. */
export const NO_OBJECT = "holds no Kubernetes object: apiVersion and kind are missing";

/**
 * The documents of files. One that was found in a folder may hold something else, a `package.json`, the
 * values of a chart, or what kustomize builds from: it is passed over.
 *
 * @throws UsageError for a file that cannot be read, and for one that was named and holds no object.
 */
export function auditedDocuments(files: readonly ManifestFileText[]): AuditedDocuments {
  const read = files.map((file) => ({ file, ...documentsIn(file) }));
  const others = read.filter(({ documents }) => documents === undefined);
  const named = others.filter(({ file }) => file.found !== true);
  if (named.length > 0) {
    throw new UsageError("audit", named.slice(0, MOST_NAMED).map(notAudited));
  }
  const filesOf = (some: typeof read) => some.map(({ file }) => file);
  const audited = read.filter(({ documents }) => documents !== undefined);
  return {
    documents: audited.flatMap(({ documents = [] }) => documents),
    files: filesOf(audited),
    passedOver: filesOf(others.filter(({ kustomize }) => !kustomize)),
    kustomizations: filesOf(read.filter(({ kustomize }) => kustomize)),
  };
}

interface FileDocuments {
  /** Undefined if none of what the file holds may be an object. */
  readonly documents?: readonly ManifestDocument[];
  /** Whether one of what it holds is kustomize's own. */
  readonly kustomize: boolean;
}

/** @throws UsageError for a file that cannot be read. */
function documentsIn(file: ManifestFileText): FileDocuments {
  const all = readableDocuments(file);
  if (all === undefined) return { kustomize: false };
  for (const document of all) checkList(document);
  const documents = all.filter((document) => !isOfKustomize(document));
  const kustomize = documents.length < all.length;
  // An empty file is no other thing than an empty manifest.
  const audited = all.length === 0 || documents.some(({ value }) => mayBeObject(value));
  return audited ? { documents, kustomize } : { kustomize };
}

/** Undefined for settings in JSON with comments, which no reader of manifests takes. */
function readableDocuments(file: ManifestFileText): readonly ManifestDocument[] | undefined {
  try {
    return manifestDocuments(file);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (file.found === true && isSettings(file)) return undefined;
    if (!Buffer.from(file.bytes).includes("{{")) throw error;
    const mend = "it looks like a Helm template: run helm template … | atom audit -";
    throw new UsageError(error.subject, [{ ...error.problems[0]!, mend }]);
  }
}

/** Of settings that people write. */
const LARGEST_SETTINGS = 2 ** 20;

/** Whether a file that is no JSON is some but for comments, and could be no object without them. */
function isSettings({ path, bytes }: ManifestFileText): boolean {
  if (!path.toLowerCase().endsWith(".json") || bytes.length > LARGEST_SETTINGS) return false;
  const parsed = parseStrictJson(withoutComments(decodeUtf8(bytes) ?? ""));
  return "value" in parsed && !mayBeObject(parsed.value);
}

/** A List without items would count as one object, of a kind that no rule knows. */
function checkList({ file, value, linesOf }: ManifestDocument): void {
  if (!isRecord(value) || value["kind"] !== "List" || value["apiVersion"] !== "v1") return;
  const { items } = value;
  if (items === null || Array.isArray(items)) return;
  const [lines] = linesOf([["items"]]);
  const line = lines === undefined ? {} : { line: lines.first };
  const message = `${items === undefined ? "is missing" : "is no list"}, so nothing of the List can be read`;
  throw new UsageError(`manifest ${file}`, [{ path: "items", ...line, message }]);
}

/**
 * Whether it may be an object, and be it a wrong one. What has no kind cannot be applied; what has no metadata
 * either has no name, under which alone an API server creates something. Go's reader takes keys in any case.
 */
function mayBeObject(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(mayBeObject);
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).some((key) => /^(kind|metadata)$/i.test(key));
}

const KUSTOMIZE = "kustomize.config.k8s.io/";
const KUSTOMIZE_KINDS: readonly unknown[] = ["Kustomization", "Component"];
const KUSTOMIZATION = /^kustomization\.ya?ml$/;

/**
 * Whether a document tells kustomize what to build. No API server has such a kind; a Kustomization of Flux is of
 * another group. In its own file neither apiVersion nor kind has to stand.
 */
function isOfKustomize({ file, value }: ManifestDocument): boolean {
  if (!isRecord(value)) return false;
  // What another reader could take for another kind, or for a list, is looked at.
  const typed = Object.keys(value).filter((key) => /^(apiVersion|kind|items)$/i.test(key));
  if (typed.some((key) => key !== "apiVersion" && key !== "kind")) return false;
  const { apiVersion, kind } = value;
  if (typeof apiVersion === "string") return apiVersion.startsWith(KUSTOMIZE);
  if (apiVersion !== undefined || !KUSTOMIZATION.test(basename(file))) return false;
  return kind === undefined || KUSTOMIZE_KINDS.includes(kind);
}

function notAudited({
  file: { path },
  kustomize,
}: {
  readonly file: ManifestFileText;
  readonly kustomize: boolean;
}): Problem {
  if (!kustomize) return { path, message: NO_OBJECT };
  const message = "tells kustomize what to build, and is no Kubernetes object";
  return { path, message, mend: `run ${kustomizeBuild(path)}` };
}

/** What audits what a kustomization builds. */
export function kustomizeBuild(path: string): string {
  const folder = path === STANDARD_INPUT ? "FOLDER" : oneLine(dirname(path));
  return `kustomize build ${folder} | atom audit -`;
}
