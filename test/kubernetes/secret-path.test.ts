import { expect, test } from "vitest";

import { secretPathProblem } from "../../lib/kubernetes/secret-path";

test.each(["a", "database", "mail/smtp_relay", "0/A-b", "a".repeat(63), "a/".repeat(99) + "aa"])(
  "a secret may lie at %.20s",
  (path) => {
    expect(secretPathProblem(path)).toBeUndefined();
  },
);

test.each([
  "",
  "/a",
  "a/",
  "a//b",
  "../t10/a",
  "a/../b",
  "a.b",
  "-a",
  "a b",
  "a\n",
  "a".repeat(64),
  "a/".repeat(100) + "a",
])("fails at %.20j", (path) => {
  expect(secretPathProblem(path)).toMatch(
    /^secret "[ -~]*" is no path; use segments of A-Z, a-z, 0-9, '-' and '_' between slashes$/,
  );
});
