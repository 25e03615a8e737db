import { expect, test } from "vitest";

import { labelKeyProblem, labelValueProblem } from "../../lib/kubernetes/label-syntax";

/** A DNS name of as many characters. */
const dnsName = (length: number) => "d.".repeat(length).slice(0, length - 1) + "d";

test.each([
  "a",
  "team",
  "A.b_c-d",
  "example.com/team",
  "a".repeat(63),
  `${"d".repeat(63)}.x/y`,
  `${dnsName(253)}/${"y".repeat(63)}`,
])("accepts the key %.20j", (key) => {
  expect(labelKeyProblem(key)).toBeUndefined();
});

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
  "a".repeat(254),
  `${dnsName(255)}/y`,
  "\u00e4",
])("fails on the key %.20j", (key) => {
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
