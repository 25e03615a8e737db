/**
 * The text of `JSON.stringify(value, null, 2)` in pieces, for what may be longer than a string can be
 * (512 MiB). A list may be any iterable: its members are asked for one by one. What lies inside of two
 * lists comes in one piece.
 *
 * @param value what JSON can hold, and nothing with a `toJSON` outside of two lists.
 */
export function jsonPieces(value: unknown): Generator<string> {
  return pieces(value, "\n", 2);
}

function* pieces(value: unknown, lineBreak: string, lists: number): Generator<string> {
  if (lists === 0 || typeof value !== "object" || value === null) {
    // Inside of a text JSON escapes line breaks, so these are all between values.
    yield JSON.stringify(value, null, 2).replaceAll("\n", lineBreak);
    return;
  }
  const isList = Symbol.iterator in value;
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const inner = `${lineBreak}  `;
  let before = open;
  for (const [label, member] of labelled(value)) {
    yield before + inner + label;
    yield* pieces(member, inner, isList ? lists - 1 : lists);
    before = ",";
  }
  yield before === open ? open + close : lineBreak + close;
}

/** The members of a list or an object, each behind what stands before it. */
function* labelled(value: object): Generator<readonly [label: string, member: unknown]> {
  if (Symbol.iterator in value) {
    for (const member of value as Iterable<unknown>) yield ["", member];
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) yield [`${JSON.stringify(key)}: `, member];
  }
}
