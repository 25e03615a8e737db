import { UsageError } from "../support/problem";
import type { Problem } from "../support/problem";
import { parseStrictJson } from "../support/strict-json";
import { parseYamlDocument } from "../support/yaml-document";
import { decodeUtf8 } from "../support/yaml-text";
import type { ManifestFileText } from "./manifest-files";

const MOST_DOCUMENTS = 50_000;
/** Far above what Kubernetes' own types nest. */
const DEEPEST = 200;
/** What a whole cluster's dump holds, and then some. */
const LIMITS = { maxBytes: 2 ** 26, maxDepth: DEEPEST, maxValues: 5_000_000, maxAliased: 10_000 };

/**
 * The documents of a file: JSON, or YAML with any number of documents. Empty ones are left out.
 *
 * @throws UsageError with file and line of what cannot be read. It repeats no value.
 */
export function parseManifests({ path, bytes }: ManifestFileText): readonly unknown[] {
  const text = decodeUtf8(bytes)?.replace(/^\ufeff/, "");
  if (text === undefined) throw refused(path, [{ path: "", message: "the file is not UTF-8" }]);
  const json = /^\s*[{[]/.test(text) ? parseStrictJson(text) : undefined;
  if (json !== undefined && "value" in json) return [checkDepth(json.value, path)];
  if (json !== undefined && path.toLowerCase().endsWith(".json")) {
    throw refused(path, [{ path: "", ...json }]);
  }
  const documents = splitDocuments(text);
  if (documents.length > MOST_DOCUMENTS) {
    throw refused(path, [{ path: "", message: `holds over ${MOST_DOCUMENTS} documents` }]);
  }
  return documents.map((document) => parseDocument(document, path)).filter(isPresent);
}

interface DocumentText {
  readonly text: string;
  /** Lines before it. */
  readonly linesBefore: number;
}

/**
 * Splits a stream into its documents. A line that begins with `---` or `...` parts documents wherever
 * it stands, also inside of a block of text (YAML 1.2.2, section 9.1.2, "c-forbidden").
 */
function splitDocuments(text: string): DocumentText[] {
  const documents: DocumentText[] = [];
  let start = 0;
  let linesBefore = 0;
  const add = (end: number) => {
    const part = text.slice(start, end);
    documents.push({ text: part, linesBefore });
    linesBefore += part.split("\n").length - 1;
    start = end;
  };
  for (const { index } of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) if (index > 0) add(index);
  add(text.length);
  return documents;
}

function parseDocument({ text, linesBefore }: DocumentText, path: string): unknown {
  // The usual end of a document; without this it would count as the start of a second one.
  const body = text.replace(/^\.\.\.[ \t]*\r?$(?![^]*\S)/m, "");
  if (/^(---)?\s*(#[^\n]*\s*)*$/.test(body)) return undefined;
  try {
    return parseYamlDocument(withDecimalModes(body), path, LIMITS).value;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const problems = error.problems.map((problem) =>
      problem.line === undefined ? problem : { ...problem, line: problem.line + linesBefore },
    );
    throw refused(path, problems);
  }
}

/**
 * File modes are written `0644`, in octal, and Kubernetes' tools read them so. YAML 1.2 has no such
 * numbers, and the reader refuses them rather than guess.
 */
function withDecimalModes(text: string): string {
  return text.replace(
    /^([ \t]*(?:- +)?(?:defaultMode|mode):[ \t]+)0([0-7]{1,6})(?=[ \t]*(?:#.*)?\r?$)/gm,
    (_, before: string, digits: string) => before + String(Number.parseInt(digits, 8)),
  );
}

function checkDepth(value: unknown, path: string): unknown {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) {
      throw refused(path, [{ path: "", message: `nests deeper than ${DEEPEST} levels` }]);
    }
    level = level.flatMap((part) =>
      typeof part === "object" && part !== null ? (Object.values(part) as unknown[]) : [],
    );
  }
  return value;
}

function isPresent(document: unknown): boolean {
  return document !== undefined && document !== null;
}

function refused(path: string, problems: readonly Problem[]): UsageError {
  return new UsageError(`manifest ${path}`, problems);
}
