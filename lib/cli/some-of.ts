/** More are counted, not named. */
export const MOST_NAMED = 5;

/** A list for a line of text: `eu, us`, or its first five `and 3 more`. */
export function someOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  return names.slice(0, MOST_NAMED).join(", ") + more;
}
