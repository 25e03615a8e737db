import { Composer, Lexer, LineCounter, Parser } from "yaml";
import type { CST, Document } from "yaml";
import type { Problem } from "./problem";
import { yamlFault } from "./yaml-fault";

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
  const faults = [...document.errors.slice(0, 1), ...document.warnings];
  const problems = faults.map((fault) =>
    yamlFault(fault, fault === faults[0], { text, tokens, lines }),
  );
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
