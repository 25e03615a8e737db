/** Texts that one reader remembers: in a fleet the same few stand everywhere. */
const MOST = 1_000;
/** A longer text is hardly the same in two places. */
const LONGEST = 100;

/**
 * A function of a text that remembers what it came to for the first thousand short texts. What it
 * returns is shared, and has to be left as it is; what it throws is not remembered.
 */
export function remember<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const value = read(text);
    if (known.size < MOST && text.length <= LONGEST) known.set(text, { value });
    return value;
  };
}
