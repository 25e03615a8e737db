const LONGEST_PRINTED = 80;

/** A string as ASCII JSON, cut at 80 characters, for a message about a text that may be hostile. */
export function printable(text: string): string {
  const cut = text.length > LONGEST_PRINTED ? `${text.slice(0, LONGEST_PRINTED)}...` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
