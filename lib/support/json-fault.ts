import { parseJson } from "./parse-json";

/** Why a text is no JSON, and where. */
export interface JsonFault {
  /** From 1. */
  readonly line: number;
  /** It names signs and columns, and repeats nothing of a value. */
  readonly message: string;
}

/**
 * Looks for the first fault of a text by the grammar of RFC 8259. Node's own message has no place where the
 * text ends too early, and quotes it elsewhere. What was opened and never closed is told where it opens.
 *
 * @returns undefined if the text is JSON.
 */
export function jsonFault(text: string): JsonFault | undefined {
  const found = new JsonScan(text).fault();
  if (found === undefined) return undefined;
  const { offset, words } = found;
  const before = text.slice(0, offset);
  const column = offset - before.lastIndexOf("\n");
  return { line: before.split("\n").length, message: words(`column ${column}`) };
}

interface Fault {
  readonly offset: number;
  readonly words: (column: string) => string;
}

/** What may come next. */
type Next = "value" | "first item" | "first key" | "key" | "colon" | "comma";

/** Walks over the signs of a text; not recursive, for the text may nest as deep as it likes. */
class JsonScan {
  #at = 0;
  #next: Next = "value";
  /** Where each bracket opens that is not closed yet. */
  readonly #open: number[] = [];

  constructor(private readonly text: string) {}

  fault(): Fault | undefined {
    for (;;) {
      while (BLANKS.has(this.text[this.#at] ?? "")) this.#at += 1;
      if (this.#at >= this.text.length) return this.#faultAtEnd();
      const fault = this.#step(this.text[this.#at]!);
      if (fault !== undefined) return fault;
    }
  }

  #faultAtEnd(): Fault | undefined {
    const open = this.#open.at(-1);
    if (open !== undefined) return this.#unclosed(open);
    return this.#next === "comma" ? undefined : this.#here((column) => `nothing is in ${column}`);
  }

  #step(sign: string): Fault | undefined {
    switch (this.#next) {
      case "comma":
        return this.#afterValue(sign);
      case "colon":
        if (sign !== ":") return this.#here((column) => `a colon is missing before ${column}`);
        return this.#go("value");
      case "first key":
        if (sign === "}") return this.#close();
        return this.#key(sign);
      case "key":
        if (sign === "}") return this.#here((column) => `the comma before ${column} is too many`);
        return this.#key(sign);
      case "first item":
        if (sign === "]") return this.#close();
        return this.#value(sign);
      case "value":
        if (sign === "]" && this.text[this.#open.at(-1) ?? -1] === "[") {
          return this.#here((column) => `the comma before ${column} is too many`);
        }
        return this.#value(sign);
    }
  }

  #afterValue(sign: string): Fault | undefined {
    const open = this.#open.at(-1);
    if (open === undefined) {
      return this.#here((column) => `the value is at its end before ${column}, and more follows`);
    }
    const isMap = this.text[open] === "{";
    if (sign === ",") return this.#go(isMap ? "key" : "value");
    const close = isMap ? "}" : "]";
    if (sign === close) return this.#close();
    return this.#here((column) => `a comma or ${close} is missing before ${column}`);
  }

  #key(sign: string): Fault | undefined {
    if (sign === '"') return this.#string("colon");
    return this.#here((column) => `what begins in ${column} is no key in double quotes`);
  }

  #value(sign: string): Fault | undefined {
    if (sign === '"') return this.#string("comma");
    if (sign === "{" || sign === "[") {
      this.#open.push(this.#at);
      return this.#go(sign === "{" ? "first key" : "first item");
    }
    return this.#word();
  }

  /** A number, or true, false or null. */
  #word(): Fault | undefined {
    let end = this.#at;
    while (end < this.text.length && !ENDS_WORD.has(this.text[end]!)) end += 1;
    if (parseJson(this.text.slice(this.#at, end)) === undefined) {
      return this.#here((column) => `what begins in ${column} is no value of JSON`);
    }
    this.#at = end;
    this.#next = "comma";
    return undefined;
  }

  #string(next: Next): Fault | undefined {
    const open = this.#at;
    for (this.#at += 1; this.text[this.#at] !== '"'; this.#at += 1) {
      const sign = this.text[this.#at];
      if (sign === undefined || sign === "\n" || sign === "\r") return this.#unclosed(open);
      if (sign < " ") {
        return this.#here((column) => `a tab or another control character is in ${column}`);
      }
      if (sign !== "\\") continue;
      if (!ESCAPE.test(this.text.slice(this.#at, this.#at + LONGEST_ESCAPE))) {
        return this.#here((column) => `what follows the \\ in ${column} is no escape`);
      }
      this.#at += 1;
    }
    return this.#go(next);
  }

  #close(): undefined {
    this.#open.pop();
    return this.#go("comma");
  }

  /** Past one sign. */
  #go(next: Next): undefined {
    this.#at += 1;
    this.#next = next;
  }

  #here(words: Fault["words"]): Fault {
    return { offset: this.#at, words };
  }

  #unclosed(offset: number): Fault {
    const sign = this.text[offset]!;
    return { offset, words: (column) => `the ${sign} that opens in ${column} is not closed` };
  }
}

const BLANKS = new Set(" \t\n\r");
const ENDS_WORD = new Set(' \t\n\r,:{}[]"');
const ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/;
const LONGEST_ESCAPE = "\\u0000".length;
