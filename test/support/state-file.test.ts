import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { writeJsonAtomic } from "../../lib/support/atomic-file";
import { UsageError } from "../../lib/support/problem";
import { readStateFile } from "../../lib/support/state-file";
import { parseStrictJson } from "../../lib/support/strict-json";
import { strictObject } from "../../lib/support/strict-schema";

const schema = strictObject({
  version: z.literal(2),
  items: z.array(strictObject({ name: z.string(), at: z.int() })),
});
const kind = { subject: "mirror state", version: 2 };
const state = { version: 2, items: [{ name: "s3cret-canary", at: 1 }] } as const;

let folder: string;
let file: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "atom-state-"));
  file = path.join(folder, "state.json");
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

function failure(text: string, more: { mend?: string } = {}): string[] {
  fs.writeFileSync(file, text);
  try {
    readStateFile(file, schema, { ...kind, ...more });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.subject).toBe(`mirror state ${file}`);
    return error.message.split("\n").slice(1);
  }
  return [];
}

test("reads back what was written", () => {
  writeJsonAtomic(file, state);
  expect(readStateFile(file, schema, kind)).toEqual(state);
});

test("gives undefined where there is no file", () => {
  expect(readStateFile(path.join(folder, "none.json"), schema, kind)).toBeUndefined();
});

describe("S3", () => {
  test("fails on every truncation of a file", () => {
    const text = JSON.stringify(state, null, 2);
    for (let length = 0; length < text.length; length += 1) {
      const [problem, ...others] = failure(text.slice(0, length));
      expect(others).toEqual([]);
      expect(problem).toMatch(
        text.slice(0, length).trim() === ""
          ? /^ - the file is empty; delete it and run again$/
          : /^ - line [1-9][0-9]*: the file is no whole JSON: .* in column .*; delete it and run again$/,
      );
    }
  });

  test.each<[string, string, string[]]>([
    [
      "zeros",
      "\0\0\0\0",
      [
        " - line 1: the file is no whole JSON: what begins in column 1 is no value of JSON; delete it and run again",
      ],
    ],
    [
      "two values",
      `${JSON.stringify(state)}\n{}`,
      [
        " - line 2: the file is no whole JSON: the value is at its end before column 1, and more follows; delete it and run again",
      ],
    ],
    [
      "an older version",
      '{"version":1,"things":[]}',
      [
        " - version: schema version 1 is older than 2, which this release reads; delete it and run again",
      ],
    ],
    [
      "a newer version",
      '{"version":3,"things":[]}',
      [
        " - version: schema version 3 is newer than 2, which this release reads; update atom-selfhost to the release that wrote it",
      ],
    ],
    [
      "no version",
      '{"items":[]}',
      [" - version: the file has no schema version; delete it and run again"],
    ],
    [
      "a version in words",
      '{"version":"2","items":[]}',
      [" - version: the file has no schema version; delete it and run again"],
    ],
    ["a list", "[]", [" - version: the file has no schema version; delete it and run again"]],
    ["null", "null", [" - version: the file has no schema version; delete it and run again"]],
    [
      "a duplicated key",
      '{"version":2,\n"items":[],\n"items":[]}',
      [" - line 3: a key stands in one object for the second time; delete it and run again"],
    ],
    [
      "a duplicated key in two spellings",
      '{"version":2,"items":[{"name":"a","n\\u0061me":"b","at":1}]}',
      [" - line 1: a key stands in one object for the second time; delete it and run again"],
    ],
    [
      "fields of another form",
      '{"version":2,"items":[{"name":5,"at":"s3cret-canary"}],"more":1}',
      [
        " - items[0].name: expected a string, received a number; delete it and run again",
        " - items[0].at: expected a number, received a string; delete it and run again",
        ' - unknown key "more"; known: "version", "items"; delete it and run again',
      ],
    ],
    [
      "a prototype",
      '{"version":2,"items":[],"__proto__":{"a":1}}',
      [' - __proto__: key "__proto__" is not allowed; delete it and run again'],
    ],
  ])("fails on %s", (_, text, problems) => {
    expect(failure(text)).toEqual(problems);
  });

  test("fails with the mend that a file needs", () => {
    expect(failure("{", { mend: "put yesterday's copy back" })).toEqual([
      " - line 1: the file is no whole JSON: the { that opens in column 1 is not closed; put yesterday's copy back",
    ]);
  });
});

describe("strict JSON", () => {
  test("agrees with JSON.parse on every value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictJson(text)).toEqual({ value: JSON.parse(text) as unknown });
      }),
    );
  });

  test("finds a key that stands twice at any depth, and no word that only looks like one", () => {
    const key = fc.string();
    fc.assert(
      fc.property(fc.array(key, { maxLength: 5 }), key, (around, twice) => {
        const q = (text: string) => JSON.stringify(text);
        const inner = `{${q(twice)}: [${q(twice)}, ${q(twice)}], ${q(twice)}: {}}`;
        const text = around.reduce((inside, name) => `{${q(name)}: [1, ${inside}]}`, inner);
        expect(parseStrictJson(text)).toHaveProperty("message");
        const once = around.reduce(
          (inside, name) => `{${q(name)}: [1, ${inside}]}`,
          `{${q(twice)}: ${q(twice)}}`,
        );
        expect(parseStrictJson(once)).toHaveProperty("value");
      }),
    );
  });

  test("reads deep and long texts without recursion", () => {
    expect(parseStrictJson(`${'{"a":['.repeat(2000)}1${"]}".repeat(2000)}`)).toHaveProperty(
      "value",
    );
    expect(parseStrictJson(JSON.stringify('\\"x'.repeat(3_000_000)))).toHaveProperty("value");
  });
});
