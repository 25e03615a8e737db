import { ascii } from "./ascii";

const LONGEST_PRINTED = 80;

/** A string as ASCII JSON, cut at 80 characters, for a message about a text that may be hostile. */
export function printable(text: string): string {
  const cut = text.length > LONGEST_PRINTED ? `${text.slice(0, LONGEST_PRINTED)}...` : text;
  return ascii(JSON.stringify(cut));
}
