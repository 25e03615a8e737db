import { UsageError } from "../support/problem";
import { manifestDocuments } from "./manifest-documents";
import type { ManifestDocument } from "./manifest-documents";
import type { ManifestFileText } from "./manifest-files";

/** What of some files is audited. */
export interface AuditedDocuments {
  readonly documents: readonly ManifestDocument[];
  /** The files they are in. */
  readonly files: readonly ManifestFileText[];
  /** The files that hold something else. */
  readonly passedOver: readonly ManifestFileText[];
}

/** What is said of a file that holds something else. */
export const NO_OBJECT = "holds no Kubernetes object: apiVersion and kind are missing";

const MOST_NAMED = 5;

/**
 * The documents of files. One that was found in a folder may hold something else, a `package.json` or the
 * values of a chart: it is passed over.
 *
 * @throws UsageError for a file that cannot be read, and for one that was named and holds no object.
 */
export function auditedDocuments(files: readonly ManifestFileText[]): AuditedDocuments {
  const read = files.map((file) => {
    const documents = documentsIn(file);
    // An empty file is no other thing than an empty manifest.
    const audited = documents.length === 0 || documents.some(({ value }) => mayBeObject(value));
    return { file, documents, audited };
  });
  const others = read.filter(({ audited }) => !audited).map(({ file }) => file);
  const named = others.filter(({ found = false }) => !found).slice(0, MOST_NAMED);
  if (named.length > 0) {
    throw new UsageError(
      "audit",
      named.map(({ path }) => ({ path, message: NO_OBJECT })),
    );
  }
  const audited = read.filter((each) => each.audited);
  return {
    documents: audited.flatMap(({ documents }) => documents),
    files: audited.map(({ file }) => file),
    passedOver: others,
  };
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

function documentsIn(file: ManifestFileText): readonly ManifestDocument[] {
  try {
    return manifestDocuments(file);
  } catch (error) {
    if (!(error instanceof UsageError) || !Buffer.from(file.bytes).includes("{{")) throw error;
    const mend = "it looks like a Helm template: run helm template … | atom audit -";
    throw new UsageError(error.subject, [{ ...error.problems[0]!, mend }]);
  }
}
