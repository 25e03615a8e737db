/**
 * A text as one line of a report. Names come from anybody's manifests: none may move the cursor, turn
 * the direction of writing, or begin a line of its own.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\ufffe\uffff]/gu, "?");
}
