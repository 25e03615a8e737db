import type { Problem } from "./problem";

/**
 * What YAML 1.2 allows in a text (section 5.1, c-printable), without the byte order mark. A lone
 * surrogate is outside of it as well.
 */
const NOT_PRINTABLE =
  /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
/** A line break to YAML and none to most tools that count lines. */
const LONE_CARRIAGE_RETURN = /\r(?!\n)/;
const BYTE_ORDER_MARK = "\ufeff";

/** Bytes as text, or undefined where they are not UTF-8. A byte order mark is kept. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The first character that no YAML file may hold, as a problem; undefined if there is none. */
export function textProblem(text: string): Problem | undefined {
  if (text.startsWith(BYTE_ORDER_MARK)) {
    return {
      path: "",
      line: 1,
      message: "the file begins with a byte order mark",
      mend: "save it as UTF-8 without BOM",
    };
  }
  const odd = NOT_PRINTABLE.exec(text) ?? LONE_CARRIAGE_RETURN.exec(text);
  if (odd === null) return undefined;
  return {
    path: "",
    line: lineAt(text, odd.index),
    message: `the character ${codePoint(odd[0])} is not allowed in YAML`,
    mend: "remove it, or write it as an escape in a quoted string",
  };
}

/** What is wrong with a string that an escape such as `"\0"` or `"\ud800"` made. */
export function stringProblem(text: string): string | undefined {
  if (text.includes("\0")) return "the text holds the character U+0000, which is not allowed";
  const half = /\p{Surrogate}/u.exec(text);
  return half === null
    ? undefined
    : `the text holds half a surrogate pair, ${codePoint(half[0])}, which is not allowed`;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
