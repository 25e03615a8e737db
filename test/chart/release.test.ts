import { expect, test } from "vitest";

import { releasePolicyDefaults, releasePolicySchema } from "../../lib/chart/release";
import { parseStrict } from "../../lib/support/strict-schema";
import { problemsOf } from "./fixture";

test("a release policy needs nothing said", () => {
  expect(releasePolicySchema.parse({})).toEqual(releasePolicyDefaults);
});

test("fails where a rollback would be switched off or impossible, or the budget exceeded", () => {
  const policy = {
    automaticRollback: false,
    historyLimit: 0,
    timeoutSeconds: 300,
    rollbackTimeoutSeconds: 0,
    failedInstall: "remove",
    retry: 1,
  };
  expect(problemsOf(() => parseStrict(releasePolicySchema, policy, "release policy"))).toEqual([
    "automaticRollback: expected true, received a boolean",
    "historyLimit: 0 is too small; at least 2 allowed",
    "timeoutSeconds: 300 is too large; at most 120 allowed",
    "rollbackTimeoutSeconds: 0 is too small; at least 10 allowed",
    'failedInstall: expected "keep", received a string',
    ': unknown key "retry"; known: "automaticRollback", "historyLimit", "timeoutSeconds", ' +
      '"rollbackTimeoutSeconds", "failedInstall"',
  ]);
});
