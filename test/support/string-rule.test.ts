import { expect, test } from "vitest";
import { z } from "zod";

import { ruledString, stringRule } from "../../lib/support/string-rule";

const rule = stringRule({
  pattern: "^[^x]*$",
  problem: () => "holds an x",
  not: [
    { words: ["a", "b"], problem: (text) => `${text} is taken` },
    { pattern: "^c", problem: () => "begins with c" },
  ],
  maxLength: 3,
  tooLong: () => "is too long",
});

test.each<[string, string | undefined]>([
  ["", undefined],
  ["dcd", undefined],
  ["x", "holds an x"],
  ["a", "a is taken"],
  ["cx", "holds an x"],
  ["cddd", "begins with c"],
  ["dddd", "is too long"],
  // Three code points, six UTF-16 units.
  ["\u{1f600}\u{1f600}\u{1f600}", undefined],
  ["\u{1f600}\u{1f600}\u{1f600}\u{1f600}", "is too long"],
])("what is wrong with %j: %j", (text, problem) => {
  expect(rule.problem(text)).toBe(problem);
});

test("a JSON schema says the same, and says nothing of what is no string", () => {
  const not = { anyOf: [{ enum: ["a", "b"] }, { type: "string", pattern: "^c" }] };
  expect(rule.schema).toEqual({ pattern: "^[^x]*$", maxLength: 3, not });
  const plain = { pattern: "^a$", problem: () => "is not a" };
  expect(stringRule(plain).schema).toEqual({ pattern: "^a$" });
  expect(stringRule({ problem: plain.problem, maxLength: 1 }).schema).toEqual({ maxLength: 1 });
  expect(stringRule({ ...plain, not: [{ words: ["b"], problem: () => "" }] }).schema).toEqual({
    pattern: "^a$",
    not: { enum: ["b"] },
  });
});

test("says of too long a text what it says of any, unless it has other words", () => {
  const short = stringRule({ pattern: "^a*$", maxLength: 2, problem: () => "is not a or aa" });
  expect(short.problem("aaa")).toBe("is not a or aa");
});

test("a schema's string follows the rule first, then what goes beyond it", () => {
  const schema = ruledString(rule, "a text", (text) => (text === "dd" ? "is dd" : undefined));
  const messages = (text: string) =>
    schema.safeParse(text).error?.issues.map(({ message }) => message) ?? [];
  expect(["d", "dd", "xdd"].map(messages)).toEqual([[], ["is dd"], ["holds an x"]]);
  expect(z.toJSONSchema(schema, { target: "draft-7" })).toEqual({
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "string",
    description: "a text",
    ...rule.schema,
  });
});
