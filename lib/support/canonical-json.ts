/** What JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/**
 * JSON with sorted keys and no blanks, so that equal values give equal bytes (RFC 8785 for values
 * whose numbers are integers). Undefined members are left out.
 *
 * @throws TypeError for a value that JSON cannot hold (NaN, Infinity, undefined, a function, a symbol).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(member).join(",")}]`;
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`JSON cannot hold the number ${value}`);
  }
  if (value === undefined || ["function", "symbol", "bigint"].includes(typeof value)) {
    throw new TypeError(`JSON cannot hold a value of type ${typeof value}`);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return canonicalJson((value as { toJSON(): unknown }).toJSON());
  }
  // Not by an object with sorted keys: JavaScript puts keys that look like integers first.
  const members = Object.entries(value)
    .filter(([, held]) => held !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, held]) => `${JSON.stringify(key)}:${canonicalJson(held)}`);
  return `{${members.join(",")}}`;
}

/** As JSON.stringify has it, a hole in a list is null. */
function member(value: unknown): string {
  return canonicalJson(value === undefined ? null : value);
}
