import { unicodeEscape } from "../../support/ascii";

/** A string, or a map of strings, as Go's encoding/json writes it: keys sorted, and more escaped than JSON asks for. */
export function goJson(value: string | Readonly<Record<string, string>>): string {
  return JSON.stringify(typeof value === "string" ? value : sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    unicodeEscape,
  );
}

function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
