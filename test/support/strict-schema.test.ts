import { describe, expect, test } from "vitest";
import { z } from "zod";

import { UsageError } from "../../lib/support/problem";
import {
  checkedString,
  fieldPath,
  parseStrict,
  strictObject,
} from "../../lib/support/strict-schema";

const schema = strictObject({
  name: checkedString((text) => (text === "x" ? "name is taken" : undefined)),
  count: z.int().min(1).max(3),
  mode: z.enum(["dry", "wet"]).optional(),
  tags: z.array(z.string()).max(1).optional(),
  notes: z.record(
    checkedString((key) => (key === "" ? "a note needs a name" : undefined)),
    z.string(),
  ),
});

function problemsOf(value: unknown, at: PropertyKey[] = []): string[] {
  try {
    parseStrict(schema, value, "thing", at);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe("parseStrict", () => {
  test("gives back what it was given", () => {
    const value = { name: "a", count: 2, notes: { constructor: "b" } };
    expect(parseStrict(schema, value, "thing")).toEqual(value);
  });

  test("fails with every problem, in words that hold no text that was received", () => {
    const value = {
      name: "x",
      count: 9,
      mode: "s3cret",
      tags: ["s3cret", "b"],
      notes: { "": "s3cret", a: 4711 },
      coutn: 1,
      other: 1,
    };
    expect(problemsOf(value, ["things", 0])).toEqual([
      "things[0].name: name is taken",
      "things[0].count: 9 is too large; at most 3 allowed",
      'things[0].mode: expected "dry" or "wet", received a string',
      "things[0].tags: a list is too long; at most 1 allowed",
      'things[0].notes[""]: a note needs a name',
      "things[0].notes.a: expected a string, received a number",
      'things[0]: unknown key "coutn"; did you mean "count"?; unknown key "other"; known: "name", "count", "mode", "tags", "notes"',
    ]);
  });

  test.each<[unknown, string]>([
    [undefined, ": missing; an object is required"],
    [null, ": expected an object, received null"],
    [[], ": expected an object, received a list"],
    ["s3cret", ": expected an object, received a string"],
  ])("fails on %j", (value, problem) => {
    expect(problemsOf(value)).toEqual([problem]);
  });

  test("S10 fails on a key that zod would leave out without a word", () => {
    const value: unknown = JSON.parse('{"name":"a","notes":{"__proto__":{"a":"b"}},"__proto__":1}');
    expect(problemsOf(value).sort()).toEqual([
      '__proto__: key "__proto__" is not allowed',
      'notes.__proto__: key "__proto__" is not allowed',
    ]);
  });

  test("S10 reads a value in which one part stands 2^60 times, and one inside itself", () => {
    let part: unknown[] = [];
    for (let level = 0; level < 60; level += 1) part = [part, part];
    const circle: Record<string, unknown> = { part };
    circle["circle"] = circle;
    expect(problemsOf(circle)).toHaveLength(4);
  });
});

test("a path is ASCII and shows where a name ends", () => {
  expect(fieldPath(["services", "a-b", "env", "x y\n\u202e", 2])).toBe(
    'services.a-b.env["x y\\n\\u202e"][2]',
  );
});
