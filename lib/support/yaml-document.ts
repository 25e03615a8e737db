import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { isMap, isScalar, isSeq } from "yaml";
import type { LineCounter, Node } from "yaml";
import { UsageError } from "./problem";
import type { Problem } from "./problem";
import type { Lines } from "./lines";
import { decodeUtf8, textProblem } from "./yaml-text";
import { parseYamlSyntax } from "./yaml-syntax";
import { YamlValues } from "./yaml-values";

/** A YAML file's values, and where each one stands. */
export interface YamlDocument {
  /** Plain data: null, booleans, finite numbers, strings, arrays, and objects without prototype. */
  readonly value: unknown;
  /**
   * The line, from 1, of the key or the list item that a path leads to. Where the path leads
   * nowhere, the line of the nearest part that is there: a missing field is missed in its map.
   *
   * @returns undefined only for an empty file.
   */
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
  /**
   * The lines from that key or list item to the end of its value. Where the path leads nowhere, the
   * one line that {@link lineOf} gives.
   */
  readonly linesOf: (path: readonly PropertyKey[]) => Lines | undefined;
}

/** How much a file may hold. The defaults suit what people write by hand. */
export interface YamlLimits {
  /** Bytes of UTF-8. @default 1048576 */
  readonly maxBytes?: number;
  /** Levels of maps and lists in each other. @default 64 */
  readonly maxDepth?: number;
  /** Keys and list items. @default 250000 */
  readonly maxValues?: number;
  /** Values that all aliases together stand for. @default 10000 */
  readonly maxAliased?: number;
  /** Words, signs, blanks and line breaks: each takes some 450 bytes to parse. @default 2000000 */
  readonly maxTokens?: number;
}

const DEFAULTS = {
  maxBytes: 2 ** 20,
  maxDepth: 64,
  maxValues: 250_000,
  maxAliased: 10_000,
  maxTokens: 2_000_000,
};

/**
 * Reads a YAML 1.2 file (core schema): see {@link parseYamlDocument}.
 *
 * @param subject what the file is, for the error: `fleet file`.
 * @throws UsageError also if there is no such file, or it is no regular file.
 */
export function readYamlDocument(
  path: string,
  subject: string,
  limits: YamlLimits = {},
): YamlDocument {
  return parseYamlDocument(readBounded(path, subject, limits), `${subject} ${path}`, limits);
}

/**
 * Reads one YAML 1.2 document by the core schema, and only what every reader takes for the same: no
 * directives, tags of one's own, merge keys, duplicate keys, byte order mark or octal look-alikes.
 * No message repeats a value, for it may be a secret.
 *
 * @throws UsageError with the line of each problem.
 */
export function parseYamlDocument(
  source: string | Uint8Array,
  subject: string,
  limits: YamlLimits = {},
): YamlDocument {
  const { maxBytes, ...extent } = { ...DEFAULTS, ...limits };
  const bytes = Buffer.byteLength(source);
  if (bytes > maxBytes) throw new UsageError(subject, [tooBig(bytes, maxBytes)]);
  const text = typeof source === "string" ? source : decodeUtf8(source);
  if (text === undefined) {
    throw new UsageError(subject, [
      { path: "", message: "the file is not UTF-8", mend: "save it as UTF-8 without BOM" },
    ]);
  }
  const fault = textProblem(text);
  if (fault !== undefined) throw new UsageError(subject, [fault]);
  const syntax = parseYamlSyntax(text, extent);
  if ("problems" in syntax) throw new UsageError(subject, syntax.problems);

  const { document, lines } = syntax;
  const values = new YamlValues(document, (node) => lineOfNode(node, lines), extent);
  const value = values.build();
  if (values.problems.length > 0) throw new UsageError(subject, values.problems);
  const linesOf = (path: readonly PropertyKey[]): Lines | undefined => {
    const { place, end } = nearestNode(document.contents, path, values);
    if (place === null) return undefined;
    const first = lineOfNode(place, lines);
    return { first, last: end === undefined ? first : lastLine(text, end, lines) };
  };
  return { value, lineOf: (path) => linesOf(path)?.first, linesOf };
}

function readBounded(path: string, subject: string, limits: YamlLimits): Buffer {
  const maxBytes = limits.maxBytes ?? DEFAULTS.maxBytes;
  const refuse = (problem: Problem) => new UsageError(`${subject} ${path}`, [problem]);
  let file: number;
  try {
    // Not blocking: a named pipe without a writer would keep us waiting. Windows has no such flag.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message =
      code === "ENOENT" ? "there is no such file" : `the file cannot be opened (${code})`;
    throw refuse({ path: "", message });
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw refuse({ path: "", message: "this is no regular file" });
    if (stat.size > maxBytes) throw refuse(tooBig(stat.size, maxBytes));
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function tooBig(bytes: number, maxBytes: number): Problem {
  return { path: "", message: `the file has ${bytes} bytes; at most ${maxBytes} are allowed` };
}

function lineOfNode(node: Node, lines: LineCounter): number {
  return lines.linePos(node.range?.[0] ?? 0).line || 1;
}

/** The line of the last character before an offset that is no blank. */
function lastLine(text: string, end: number, lines: LineCounter): number {
  let last = end;
  while (last > 0 && /\s/.test(text[last - 1]!)) last -= 1;
  return lines.linePos(Math.max(last - 1, 0)).line || 1;
}

/**
 * Follows a path as far as it leads: to keys in maps, to items in lists.
 *
 * @returns the key or item, and where its value ends if the path leads there.
 */
function nearestNode(
  root: Node | null,
  path: readonly PropertyKey[],
  values: YamlValues,
): { readonly place: Node | null; readonly end?: number } {
  let place = root;
  let current = root;
  for (const part of path) {
    if (current === null) return { place };
    const inside = values.target(current);
    if (isMap(inside)) {
      const pair = inside.items.find(({ key }) => isScalar(key) && key.value === part);
      if (pair === undefined) return { place };
      place = pair.key as Node;
      current = pair.value as Node | null;
    } else if (isSeq(inside) && typeof part === "number" && inside.items[part]) {
      place = current = inside.items[part] as Node;
    } else {
      return { place };
    }
  }
  const end = (current ?? place)?.range?.[1];
  return { place, ...(end === undefined ? {} : { end }) };
}
