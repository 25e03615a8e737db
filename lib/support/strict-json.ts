import { jsonFault } from "./json-fault";
import { parseJson } from "./parse-json";

/** A JSON text's value, or why it is refused. The reason never repeats the text. */
export type StrictJson =
  { readonly value: unknown } | { readonly message: string; readonly line?: number };

/**
 * Parses JSON as RFC 8259 has it, and refuses a key that stands in one object twice: readers differ
 * in which of the two they take.
 */
export function parseStrictJson(text: string): StrictJson {
  const value = parseJson(text);
  if (value === undefined) {
    if (text.trim() === "") return { message: "the file is empty" };
    const { message, line } = jsonFault(text)!;
    return { message: `the file is no whole JSON: ${message}`, line };
  }
  const duplicate = duplicateKeyAt(text);
  if (duplicate === undefined) return { value };
  const line = text.slice(0, duplicate).split("\n").length;
  return { message: "a key stands in one object for the second time", line };
}

/** No repetition: a long text would outgrow the stack of the regular expression. */
const TOKEN = /\\.|["{}[\],]/g;

/** Where a key stands that its object has already. The text is JSON; nesting may be of any depth. */
function duplicateKeyAt(text: string): number | undefined {
  const open: (Set<string> | undefined)[] = [];
  let keyNext = false;
  let quote: number | undefined;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (quote !== undefined) {
      if (token !== '"') continue;
      if (keyNext) {
        // Two spellings of one key, "a" and "\u0061", are the same key.
        const key = JSON.parse(text.slice(quote, index + 1)) as string;
        if (open.at(-1)!.has(key)) return quote;
        open.at(-1)!.add(key);
        keyNext = false;
      }
      quote = undefined;
    } else if (token === '"') {
      quote = index;
    } else if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      keyNext = token === "{";
    } else if (token === "}" || token === "]") {
      open.pop();
      keyNext = false;
    } else {
      keyNext = open.at(-1) !== undefined;
    }
  }
  return undefined;
}
