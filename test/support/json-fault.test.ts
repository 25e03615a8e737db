import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonFault } from "../../lib/support/json-fault";
import { parseJson } from "../../lib/support/parse-json";

test.each<[string, number, string]>([
  ['{"kind": "Pod",', 1, "the { that opens in column 1 is not closed"],
  ['{\n  "a": [1, {"b": 2}', 2, "the [ that opens in column 8 is not closed"],
  ['{\n  "a": "x\n}', 2, 'the " that opens in column 8 is not closed'],
  ['{"a": "x', 1, 'the " that opens in column 7 is not closed'],
  ['{\n  "a": 1\n  "b": 2\n}', 3, "a comma or } is missing before column 3"],
  ["[1 2]", 1, "a comma or ] is missing before column 4"],
  ['{"a": [1}', 1, "a comma or ] is missing before column 9"],
  ['{"a" 1}', 1, "a colon is missing before column 6"],
  ['{"a": 1,\n}', 2, "the comma before column 1 is too many"],
  ["[1,\n]", 2, "the comma before column 1 is too many"],
  ["{a: 1}", 1, "what begins in column 2 is no key in double quotes"],
  ['{"a": 1, // why\n}', 1, "what begins in column 10 is no key in double quotes"],
  ["[NaN]", 1, "what begins in column 2 is no value of JSON"],
  ["[01]", 1, "what begins in column 2 is no value of JSON"],
  ["['x']", 1, "what begins in column 2 is no value of JSON"],
  ['{"a": }', 1, "what begins in column 7 is no value of JSON"],
  ['["\\x"]', 1, "what follows the \\ in column 3 is no escape"],
  ['["\\u12"]', 1, "what follows the \\ in column 3 is no escape"],
  ['["\t"]', 1, "a tab or another control character is in column 3"],
  ["{}\n{}", 2, "the value is at its end before column 1, and more follows"],
  ["\u0000", 1, "what begins in column 1 is no value of JSON"],
  ["", 1, "nothing is in column 1"],
])("%j is no JSON in line %i: %s", (text, line, message) => {
  expect(jsonFault(text)).toEqual({ line, message });
});

/** JSON, and what becomes of it when some of its characters are lost or others come in. */
const almostJson = fc
  .tuple(
    fc.json(),
    fc.nat(),
    fc.nat(3),
    fc.constantFrom("", "", ",", '"', "\\", "\n", "{", "]", "e", "-", "0", "\u2028", "\\u00e"),
  )
  .map(([text, place, lost, come]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + come + text.slice(at + lost);
  });

test("finds a fault in what Node does not read, and in nothing else", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), almostJson), (text) => {
      expect(jsonFault(text) === undefined).toBe(parseJson(text) !== undefined);
    }),
    { numRuns: 2000 },
  );
});

test("outlives a text that is long and deep", () => {
  expect(jsonFault("[".repeat(2_000_000))).toMatchObject({ line: 1 });
  expect(jsonFault(`["${"\\n".repeat(2_000_000)}"`)).toMatchObject({ line: 1 });
});
