/** Texts that one reader remembers: in a fleet the same few stand everywhere. */
const MOST = 1_000;
/** A longer text is hardly the same in two places. */
const LONGEST = 100;

/**
 * A function of a text that remembers what it came to for some short texts, and begins anew when they
 * are a thousand. What it returns is shared, and has to be left as it is; what it throws is not
 * remembered.
 */
export function remember<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    if (text.length > LONGEST) return read(text);
    const own = copyOf(text);
    const value = read(own);
    if (known.size >= MOST) known.clear();
    known.set(own, { value });
    return value;
  };
}

/** A text of its own: one that was cut out of a file keeps the whole file in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
