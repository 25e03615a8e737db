import { Composer, Lexer, LineCounter, Parser } from "yaml";
import type { CST, Document, ErrorCode } from "yaml";
import type { Problem } from "./problem";

/** One YAML document, parsed and not yet turned into values, or what is wrong with its syntax. */
export type YamlSyntax =
  | { readonly document: Document.Parsed; readonly lines: LineCounter }
  | { readonly problems: readonly Problem[] };

/**
 * Parses one document by the core schema of YAML 1.2. The library's composer is recursive, so the
 * nesting is measured before it on the concrete syntax tree, which is built without recursion.
 */
export function parseYamlSyntax(
  text: string,
  {
    maxDepth,
    maxValues,
    maxTokens,
  }: { readonly maxDepth: number; readonly maxValues: number; readonly maxTokens: number },
): YamlSyntax {
  if (holdsMoreTokens(text, maxTokens)) {
    const message = `the document holds more than ${maxTokens} words and signs`;
    const mend = "split it into several, or write it as JSON";
    return { problems: [{ path: "", message, mend }] };
  }
  const lines = new LineCounter();
  const lineAt = (offset: number) => lines.linePos(offset).line || 1;
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const refused =
    streamProblem(tokens, lineAt) ?? extentProblem(tokens, lineAt, maxDepth, maxValues);
  if (refused !== undefined) return { problems: [refused] };

  const composer = new Composer({
    version: "1.2",
    schema: "core",
    resolveKnownTags: false,
    merge: false,
    stringKeys: true,
    // The library compares each key with every other; the values' builder keeps a set instead.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    lineCounter: lines,
  });
  const [document] = [...composer.compose(tokens, true, text.length)];
  if (document === undefined) throw new Error("unreachable: the composer was told to make one");
  // What follows the first error is its consequence more often than not.
  const problems = document.errors
    .slice(0, 1)
    .map(({ code, pos }) => ({ path: "", line: lineAt(pos[0]), ...wording(code) }));
  for (const { pos } of document.warnings) {
    problems.push({
      path: "",
      line: lineAt(pos[0]),
      message: "a tag such as '!name' or '!!js/function' is not allowed",
      mend: "remove the tag, and quote the value if it is text",
    });
  }
  return problems.length > 0 ? { problems } : { document, lines };
}

/** Counts before anything is built: the tree of a text takes hundreds of times its bytes. */
function holdsMoreTokens(text: string, most: number): boolean {
  // A token has a character at least, but for the marks around a scalar.
  if (text.length < most / 2) return false;
  let count = 0;
  for (const token of new Lexer().lex(text)) if (token !== "" && (count += 1) > most) return true;
  return false;
}

function streamProblem(
  tokens: readonly CST.Token[],
  lineAt: (offset: number) => number,
): Problem | undefined {
  const directive = tokens.find(
    (token) => token.type === "directive" && !/^%YAML[ \t]+1\.2\s*$/.test(token.source),
  );
  if (directive !== undefined) {
    return {
      path: "",
      line: lineAt(directive.offset),
      message: "a directive other than '%YAML 1.2' is not allowed",
      mend: "remove the line",
    };
  }
  const second = tokens.filter(({ type }) => type === "document")[1];
  return second === undefined
    ? undefined
    : {
        path: "",
        line: lineAt(second.offset),
        message: "the file holds more than one document",
        mend: "remove the line '---' or '...', or make two files",
      };
}

/** Walks the tree with a list of its own, for it may be deeper than the stack. */
function extentProblem(
  tokens: readonly CST.Token[],
  lineAt: (offset: number) => number,
  maxDepth: number,
  maxValues: number,
): Problem | undefined {
  const open: { token: CST.Token; depth: number }[] = [];
  const push = (token: CST.Token | null | undefined, depth: number) => {
    if (token) open.push({ token, depth });
  };
  for (const token of tokens) if (token.type === "document") push(token.value, 0);
  let values = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (!("items" in token)) continue;
    if (depth >= maxDepth) {
      return {
        path: "",
        line: lineAt(token.offset),
        message: `the file nests deeper than ${maxDepth} levels`,
      };
    }
    values += token.items.length;
    if (values > maxValues) {
      return { path: "", message: `the file holds more than ${maxValues} values` };
    }
    for (const item of token.items) {
      push(item.key, depth + 1);
      push(item.value, depth + 1);
    }
  }
  return undefined;
}

/** The library's own messages quote the text, which may be a secret; these name the fault only. */
function wording(code: ErrorCode): { message: string; mend?: string } {
  switch (code) {
    case "TAB_AS_INDENT":
      return { message: "a tab stands in the indentation", mend: "indent with spaces" };
    case "NON_STRING_KEY":
      return { message: "a key is no plain text", mend: "write a word before the colon" };
    case "MULTILINE_IMPLICIT_KEY":
    case "KEY_OVER_1024_CHARS":
      return { message: "a key is longer than one line or 1024 characters" };
    case "BAD_INDENT":
    case "MISSING_CHAR":
    case "BLOCK_AS_IMPLICIT_KEY":
    case "BLOCK_IN_FLOW":
      return {
        message: `the YAML cannot be read (${code})`,
        mend: "check the indentation, the quotes and the brackets here and in the line above",
      };
    case "ALIAS_PROPS":
    case "BAD_ALIAS":
    case "BAD_DIRECTIVE":
    case "BAD_DQ_ESCAPE":
    case "BAD_PROP_ORDER":
    case "BAD_SCALAR_START":
    case "BAD_COLLECTION_TYPE":
    case "DUPLICATE_KEY":
    case "IMPOSSIBLE":
    case "MULTIPLE_ANCHORS":
    case "MULTIPLE_DOCS":
    case "MULTIPLE_TAGS":
    case "RESOURCE_EXHAUSTION":
    case "TAG_RESOLVE_FAILED":
    case "UNEXPECTED_TOKEN":
      return { message: `the YAML cannot be read (${code})` };
  }
}
