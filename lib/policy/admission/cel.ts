/** A text, or a list of texts, as CEL writes it. JSON's escapes are CEL's, too. */
export function literal(value: string | Iterable<unknown>): string {
  return JSON.stringify(typeof value === "string" ? value : [...value]);
}

/**
 * A regular expression as CEL writes it. RE2 reads what these rules use as JavaScript does.
 *
 * @throws RangeError for a double quote, which a raw text of CEL cannot hold.
 */
export function pattern({ source, flags }: RegExp): string {
  if (source.includes('"')) throw new RangeError(`a pattern holds a double quote: ${source}`);
  return `r"${flags.includes("i") ? "(?i)" : ""}${source}"`;
}

/** The list that an optional holds; none where it is missing, or null, as Go writes some empty lists. */
export function listIn(optional: string): string {
  return `(${optional}.hasValue() && ${optional}.value() != dyn(null) ? ${optional}.value() : [])`;
}

/** One fault where a condition holds. */
export function faultIf(condition: string, says: string): string {
  return `(${condition} ? [${literal(says)}] : [])`;
}

/**
 * A fault for each element of a list that a condition holds for.
 *
 * @param name what the condition calls the element.
 * @param where CEL of a text that says which one it is.
 */
export function faultEach(
  list: string,
  name: string,
  { when, where, says }: { when: string; where: string; says: string },
): string {
  return `${list}.filter(${name}, ${when}).map(${name}, ${where} + ${literal(`: ${says}`)})`;
}

/** Faults of objects of some kinds only, where a rule looks at several. */
export function ofKinds(kinds: readonly string[], ...faults: readonly string[]): string {
  return `(request.kind.kind in ${literal(kinds)} ? ${faults.join(" + ")} : [])`;
}
