/**
 * JSON out of the dialect in which `tsconfig.json` and the settings of editors are written: comments are left
 * out, and a comma after the last member. All else stays, also what is wrong.
 */
export function withoutComments(text: string): string {
  const parts: string[] = [];
  let from = 0;
  /** Index of the part that is a comma after which no member has come yet. */
  let comma: number | undefined;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (/\s/.test(sign)) continue;
    const end = commentEnd(text, at);
    if (end !== undefined) {
      parts.push(text.slice(from, at), " ");
      from = end;
      at = end - 1;
    } else if (sign === ",") {
      comma = parts.push(text.slice(from, at), ",") - 1;
      from = at + 1;
    } else {
      if (comma !== undefined && (sign === "}" || sign === "]")) parts[comma] = "";
      comma = undefined;
      if (sign === '"') at = stringEnd(text, at);
    }
  }
  return parts.join("") + text.slice(from);
}

/** Where a comment ends that begins here; undefined if none does. */
function commentEnd(text: string, at: number): number | undefined {
  const begin = text.slice(at, at + 2);
  if (begin === "//") {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  const end = begin === "/*" ? text.indexOf("*/", at + 2) : -1;
  return end < 0 ? undefined : end + 2;
}

/** Where the quote stands that closes one. */
function stringEnd(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
