import { expect, test } from "vitest";

import { labelKeyProblem, labelValueProblem } from "../../lib/kubernetes/label-syntax";

test.each(["a", "team", "A.b_c-d", "example.com/team", "a".repeat(63), `${"d".repeat(63)}.x/y`])(
  "accepts the key %j",
  (key) => {
    expect(labelKeyProblem(key)).toBeUndefined();
  },
);

test.each([
  "",
  "/",
  "a/",
  "/a",
  "a/b/c",
  "-a",
  "a-",
  "a b",
  "Example.com/a",
  "a".repeat(64),
  "\u00e4",
])("fails on the key %j", (key) => {
  expect(labelKeyProblem(key)).toMatch(/^label key "[ -~]*" /);
});

test.each(["", "a", "1.0.0", "A_b", "a".repeat(63)])("accepts the value %j", (value) => {
  expect(labelValueProblem(value)).toBeUndefined();
});

test.each([" ", "a b", "a/b", ".a", "a\n", "a".repeat(64), "\u00e4"])(
  "fails on the value %j",
  (value) => {
    expect(labelValueProblem(value)).toMatch(/^label value "[ -~]*" /);
  },
);
