import { escapePattern } from "./escape-pattern";
import { REDACTED } from "./secret";
import type { Secret } from "./secret";

/** Values shorter than this are not searched for: replacing them would garble ordinary text. */
export const SHORTEST_REDACTED = 6;

/**
 * Takes known secrets out of text on its way to a log or a terminal, also in the forms in which
 * secrets usually travel: base64, base64url, hex, URL-encoded (also as a form), JSON-escaped and line by line.
 * It is the last line of defence; {@link Secret} is the first.
 */
export class Redactor {
  readonly #forms = new Set<string>();
  #pattern: RegExp | undefined;

  /**
   * Adds a secret to look for.
   *
   * @returns false if the value is too short to be searched for, so that the caller can say so.
   */
  add(secret: Secret): boolean {
    const value = secret.reveal();
    if (value.length < SHORTEST_REDACTED) return false;
    for (const form of encodedForms(value)) this.#forms.add(form);
    this.#pattern = undefined;
    return true;
  }

  redact(text: string): string {
    if (this.#forms.size === 0) return text;
    this.#pattern ??= new RegExp(
      // Longest first, so that a secret inside another one leaves no rest behind.
      [...this.#forms]
        .sort((a, b) => b.length - a.length)
        .map(escapePattern)
        .join("|"),
      "g",
    );
    return text.replace(this.#pattern, REDACTED);
  }
}

/** The forms in which a value is searched for, itself included. */
export function encodedForms(value: string): string[] {
  const bytes = Buffer.from(value, "utf8");
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const forms = [
    value,
    ...lines,
    // base64 depends on what stands before the value; the middle of each alignment does not.
    ...[0, 1, 2].flatMap((before) => alignedBase64(bytes, before)),
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    encodeURIComponent(bytes.toString("utf8")),
    new URLSearchParams({ "": value }).toString().slice(1),
    JSON.stringify(value).slice(1, -1),
    JSON.stringify(JSON.stringify(value).slice(1, -1)).slice(1, -1),
  ];
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST_REDACTED);
}

function alignedBase64(bytes: Buffer, before: number): string[] {
  const shifted = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
  const start = before === 0 ? 0 : before + 1;
  const whole = Math.floor((before + bytes.length) / 3) * 4;
  const middle = shifted.slice(start, whole);
  return [middle, middle.replaceAll("+", "-").replaceAll("/", "_")].filter((m) => m.length >= 8);
}
