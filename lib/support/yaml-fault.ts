import type { CST, LineCounter, YAMLError } from "yaml";
import type { Problem } from "./problem";

/** A document's text, as it was parsed. */
export interface ParsedText {
  readonly text: string;
  readonly tokens: readonly CST.Token[];
  readonly lines: LineCounter;
}

/**
 * What the library found wrong, in this library's words: its own messages quote the text, which may be
 * a secret. What was opened and never closed is told where it opens, for it is noticed far below.
 *
 * @param first whether it is the first error: only then can something be left open, and only it is worth
 *   a walk through the tree.
 */
export function yamlFault({ code, pos }: YAMLError, first: boolean, parsed: ParsedText): Problem {
  const [offset] = pos;
  const opened = first ? leftOpen(offset, parsed) : undefined;
  const { line, col } = parsed.lines.linePos(opened?.offset ?? offset);
  const sign = parsed.text[offset] ?? "";
  const told =
    opened !== undefined
      ? unclosed(opened, col)
      : code === "BLOCK_AS_IMPLICIT_KEY"
        ? secondKey(col, deeperLine(line, parsed.text))
        : wording(code, sign, col);
  return { path: "", line: line || 1, ...told };
}

interface Wording {
  readonly message: string;
  readonly mend?: string;
}

/** A quote or a bracket that nothing closes. */
interface Opener {
  readonly offset: number;
  readonly sign: string;
}

function unclosed({ sign }: Opener, column: number): Wording {
  const closing = { "[": "]", "{": "}" }[sign] ?? sign;
  return {
    message: `the ${sign} that opens in column ${column} is not closed`,
    mend: `close it with ${closing}, and indent every line up to there more than its key`,
  };
}

/** @param deeper a line that may be indented too far. */
function secondKey(column: number, deeper: number | undefined): Wording {
  const message = `a second key stands in the line, in column ${column}`;
  const mend = "begin a line for it, or put a value with a colon in quotes";
  if (deeper === undefined) return { message, mend };
  return {
    message: `${message}, or line ${deeper} is indented too far`,
    mend: `${mend}, or let line ${deeper} begin in the column of the keys around it`,
  };
}

/**
 * The next line that holds something, if it is indented more than the key of this one: YAML takes both for one
 * value, with a colon inside.
 */
function deeperLine(line: number, text: string): number | undefined {
  const [own = "", ...below] = text.split("\n").slice(line - 1);
  const next = below.findIndex((each) => each.trim() !== "");
  if (next < 0 || indentation(below[next]!) <= indentation(own)) return undefined;
  return line + 1 + next;
}

/** Up to the first key: the dash of a list's item counts. */
function indentation(line: string): number {
  return /^(?:- |[ \t])*/.exec(line)![0].length;
}

/**
 * The last quote or bracket that opens at or before an offset and is not closed. The first error of a
 * document is not behind one: an earlier one would have been the first error itself.
 */
function leftOpen(offset: number, { tokens }: ParsedText): Opener | undefined {
  let last: Opener | undefined;
  const open = [...tokens];
  for (let token = open.pop(); token !== undefined; token = open.pop()) {
    const sign = openSign(token);
    if (sign !== undefined && token.offset <= offset && token.offset >= (last?.offset ?? 0)) {
      last = { offset: token.offset, sign };
    }
    for (const part of inside(token)) open.push(part);
  }
  return last;
}

function openSign(token: CST.Token): string | undefined {
  if (token.type === "flow-collection") {
    const closing = token.start.source === "[" ? "]" : "}";
    return token.end[0]?.source === closing ? undefined : token.start.source;
  }
  if (token.type !== "double-quoted-scalar" && token.type !== "single-quoted-scalar")
    return undefined;
  const { source } = token;
  return source.length > 1 && source.endsWith(source[0]!) ? undefined : source[0];
}

function inside(token: CST.Token): CST.Token[] {
  if (token.type === "document") return token.value === undefined ? [] : [token.value];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key ?? [], value ?? []].flat());
}

/** @param sign the character at which the fault was noticed; empty at the end of the text. */
function wording(
  code: Exclude<YAMLError["code"], "BLOCK_AS_IMPLICIT_KEY">,
  sign: string,
  column: number,
): Wording {
  switch (code) {
    case "TAB_AS_INDENT":
      return { message: "a tab stands in the indentation", mend: "indent with spaces" };
    case "NON_STRING_KEY":
      return { message: "a key is no plain text", mend: "write a word before the colon" };
    case "MULTILINE_IMPLICIT_KEY":
    case "KEY_OVER_1024_CHARS":
      return {
        message: "a key is longer than one line or 1024 characters",
        mend: "end it with a colon and a blank",
      };
    case "BAD_INDENT":
      return {
        message: "the indentation fits no line above",
        mend: "let the keys of one map, and the dashes of one list, begin in one column",
      };
    case "BLOCK_IN_FLOW":
      return {
        message: `a comma is missing between brackets, in column ${column} or behind it`,
        mend: "part what stands between brackets by commas",
      };
    case "MISSING_CHAR":
      return sign === "#"
        ? { message: `a blank is missing before the # in column ${column}`, mend: "put one there" }
        : {
            message: `a colon, a comma or a blank is missing at column ${column}`,
            mend: "a key ends with a colon and a blank, and a comma parts what stands between brackets",
          };
    case "UNEXPECTED_TOKEN":
      return ["]", "}", ","].includes(sign)
        ? { message: `nothing belongs to the ${sign} in column ${column}`, mend: "remove it" }
        : {
            message: `what stands in column ${column} does not belong to the value before it`,
            mend: "put the whole value in quotes, and write a quote inside of them twice ('') or as \\\"",
          };
    case "BAD_SCALAR_START":
      return {
        message: `the value in column ${column} begins with a sign that YAML keeps for itself`,
        mend: "put it in quotes",
      };
    case "BAD_DQ_ESCAPE":
      return {
        message: `what follows the \\ in column ${column} is no escape`,
        mend: "write \\\\ for the sign itself, or use single quotes",
      };
    case "ALIAS_PROPS":
    case "BAD_ALIAS":
    case "MULTIPLE_ANCHORS":
    case "MULTIPLE_TAGS":
    case "BAD_PROP_ORDER":
      return {
        message: `the & or * or ! in column ${column} has no name, or stands beside another`,
        mend: "remove it, or put the value in quotes if it is text",
      };
    case "TAG_RESOLVE_FAILED":
      return {
        message: "a tag such as '!name' or '!!js/function' is not allowed",
        mend: "remove the tag, and quote the value if it is text",
      };
    case "DUPLICATE_KEY":
      return { message: `the key in column ${column} stands twice in one map`, mend: "remove one" };
    case "BAD_COLLECTION_TYPE":
    case "BAD_DIRECTIVE":
    case "IMPOSSIBLE":
    case "MULTIPLE_DOCS":
    case "RESOURCE_EXHAUSTION":
      return { message: `the YAML cannot be read from column ${column} on` };
  }
}
