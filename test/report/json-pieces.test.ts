import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonPieces } from "../../lib/report/json-pieces";

test("the pieces are what JSON.stringify writes, to the byte", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect([...jsonPieces(value)].join("")).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test("what has no value is left out, and any iterable is a list", () => {
  const value = { none: undefined, list: new Set([{ a: undefined, b: "\n" }]), empty: new Set() };
  const expected = { list: [{ b: "\n" }], empty: [] };
  expect([...jsonPieces(value)].join("")).toBe(JSON.stringify(expected, null, 2));
});

test("members are asked for while those before are written", () => {
  const asked: number[] = [];
  function* members() {
    for (let member = 0; ; member++) {
      asked.push(member);
      yield member;
    }
  }
  const pieces = jsonPieces({ runs: [{ results: members() }] });
  let text = "";
  while (!text.endsWith("2")) text += pieces.next().value as string;
  expect(asked).toEqual([0, 1, 2]);
});
