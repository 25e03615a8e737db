import { jsonLinesOf } from "../support/json-lines";
import type { Lines, Path } from "../support/lines";
import { UsageError } from "../support/problem";
import type { Problem } from "../support/problem";
import { parseStrictJson } from "../support/strict-json";
import type { StrictJson } from "../support/strict-json";
import { fieldPath } from "../support/strict-schema";
import { parseYamlDocument } from "../support/yaml-document";
import type { YamlDocument } from "../support/yaml-document";
import { decodeUtf8, stringProblem } from "../support/yaml-text";
import { keyProblem } from "../support/yaml-values";
import type { ManifestFileText } from "./manifest-files";

const MOST_DOCUMENTS = 50_000;
/** Far above what Kubernetes' own types nest. */
const DEEPEST = 200;
/** What a whole cluster's dump holds, and then some. */
const LIMITS = {
  maxBytes: 2 ** 26,
  maxDepth: DEEPEST,
  maxValues: 5_000_000,
  maxAliased: 10_000,
  // Takes 1 GB; a dump of more is a list that `kubectl get -o json` prints as well.
  maxTokens: 2_500_000,
};

/** A document of a file, and where in it something stands. */
export interface ManifestDocument {
  /** The file, as it was named. */
  readonly file: string;
  readonly value: unknown;
  /**
   * The lines of the file that hold what each path leads to; of the nearest part where one leads
   * nowhere. The document is read again for it: nodes of a whole cluster's dump fill the memory.
   */
  readonly linesOf: (paths: readonly Path[]) => readonly (Lines | undefined)[];
}

/** The values of {@link manifestDocuments}. */
export function parseManifests(file: ManifestFileText): readonly unknown[] {
  return manifestDocuments(file).map(({ value }) => value);
}

/**
 * The documents of a file: JSON, or YAML with any number of documents. Empty ones are left out.
 *
 * @throws UsageError with file and line of what cannot be read. It repeats no value.
 */
export function manifestDocuments({
  path: file,
  bytes,
}: ManifestFileText): readonly ManifestDocument[] {
  const text = decodeUtf8(bytes)?.replace(/^\ufeff/, "");
  if (text === undefined) throw refused(file, [{ path: "", message: "the file is not UTF-8" }]);
  const json = /^\s*[{[]/.test(text) ? parseBoundedJson(text) : undefined;
  if (json !== undefined && "value" in json) {
    const { value } = json;
    checkJson(value, text, file);
    return [{ file, value, linesOf: (paths) => jsonLinesOf(text, paths) }];
  }
  if (json !== undefined && file.toLowerCase().endsWith(".json")) {
    throw refused(file, [{ path: "", ...json }]);
  }
  const documents = splitDocuments(text);
  if (documents.length > MOST_DOCUMENTS) {
    throw refused(file, [{ path: "", message: `holds over ${MOST_DOCUMENTS} documents` }]);
  }
  return documents.flatMap((document) => yamlDocument(document, file));
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

function yamlDocument(document: DocumentText, file: string): readonly ManifestDocument[] {
  const value = readDocument(document, file)?.value ?? undefined;
  if (value === undefined) return [];
  const linesOf = (paths: readonly Path[]) => {
    const again = readDocument(document, file);
    return paths.map((path) => {
      const lines = again?.linesOf(path);
      return lines && inFile(lines, document);
    });
  };
  return [{ file, value, linesOf }];
}

function inFile({ first, last }: Lines, { linesBefore }: DocumentText): Lines {
  return { first: first + linesBefore, last: last + linesBefore };
}

function readDocument({ text, linesBefore }: DocumentText, path: string): YamlDocument | undefined {
  const body = withoutEnd(text);
  if (!HOLDS_SOMETHING.test(body.replace(/^---/, ""))) return undefined;
  try {
    return parseYamlDocument(withDecimalModes(body), path, LIMITS);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const problems = error.problems.map((problem) =>
      problem.line === undefined ? problem : { ...problem, line: problem.line + linesBefore },
    );
    throw refused(path, problems);
  }
}

/** A line that is neither blank nor a comment. */
const HOLDS_SOMETHING = /^[ \t\r]*[^#\s]/m;

/** Without the usual end of a document, which would count as the start of a second one. */
function withoutEnd(text: string): string {
  const whole = text.trimEnd();
  return whole === "..." || whole.endsWith("\n...") ? whole.slice(0, -"...".length) : text;
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

/** Counts before it parses: a list of two characters takes 60 bytes and more. */
function parseBoundedJson(text: string): StrictJson {
  let values = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) quoted = !quoted;
    else if (character === BACKSLASH) at += 1;
    else if (!quoted && (character === COMMA || character === BRACE || character === BRACKET)) {
      values += 1;
    }
  }
  return values > LIMITS.maxValues
    ? { message: `the file holds more than ${LIMITS.maxValues} values` }
    : parseStrictJson(text);
}

const [QUOTE, BACKSLASH, COMMA, BRACE, BRACKET] = [...'"\\,{['].map((each) => each.charCodeAt(0));

/** Refuses of JSON what the reader of YAML refuses, too: the two must not come to different verdicts. */
function checkJson(value: unknown, text: string, file: string): void {
  const path: (string | number)[] = [];
  const refuse = (problem: Omit<Problem, "path"> | undefined) => {
    if (problem === undefined) return;
    const [lines] = jsonLinesOf(text, [path]);
    throw refused(file, [{ path: fieldPath(path), line: lines!.first, ...problem }]);
  };
  const check = (part: unknown) => {
    refuse(scalarProblem(part));
    if (typeof part !== "object" || part === null) return;
    if (path.length >= DEEPEST) {
      throw refused(file, [{ path: "", message: `nests deeper than ${DEEPEST} levels` }]);
    }
    for (const [key, member] of Object.entries(part) as [string, unknown][]) {
      path.push(Array.isArray(part) ? Number(key) : key);
      if (!Array.isArray(part)) refuse(keyProblem(key));
      check(member);
      path.pop();
    }
  };
  check(value);
}

function scalarProblem(value: unknown): { readonly message: string } | undefined {
  if (value === Infinity || value === -Infinity) return { message: "the number is not finite" };
  const message = typeof value === "string" ? stringProblem(value) : undefined;
  return message === undefined ? undefined : { message };
}

function refused(path: string, problems: readonly Problem[]): UsageError {
  return new UsageError(`manifest ${path}`, problems);
}
