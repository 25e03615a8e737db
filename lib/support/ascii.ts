/** Text with every character but those of printable ASCII written as `\uXXXX`, by UTF-16 units, as JSON has it. */
export function ascii(text: string): string {
  return text.replace(/[^ -~]/g, unicodeEscape);
}

/** One UTF-16 unit as `\uXXXX`. */
export function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
