/** A pattern that matches a text and nothing else, in ECMAScript, also with the flag u, and in RE2. */
export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
