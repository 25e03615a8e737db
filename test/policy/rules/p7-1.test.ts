import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p7Rule1 } from "../../../lib/policy/rules/p7-1";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

const withRollback = (value: unknown) =>
  graphWith(({ releases }) => (releases[0]!.automaticRollback = value as never));

describe("P7-1", () => {
  test("looks at each release", () => {
    expectPass(p7Rule1, [{ scope: ACME, examined: 1 }]);
  });

  test("fails for a release that stays where it failed", () => {
    expectFindings(withRollback(false), p7Rule1, [
      {
        object: "release tenant-acme",
        field: "automaticRollback",
        message: "automaticRollback is not true",
      },
    ]);
  });

  test("fails for a chart without a release", () => {
    expectFindings(
      graphWith((content) => (content.releases = [])),
      p7Rule1,
      [
        {
          object: "chart tenant-acme",
          message: "the chart has no release, so nothing rolls it back",
        },
      ],
    );
  });

  test("S6 fails for what is not known yet", () => {
    expect(findingsOf(withRollback(UNKNOWN), p7Rule1)).toMatchObject([
      { field: "automaticRollback", cause: "undecided" },
    ]);
  });

  test.each(HOSTILE.filter((value) => value !== true))("fails for %s", (value) => {
    expect(findingsOf(withRollback(value), p7Rule1)).toHaveLength(1);
  });
});
