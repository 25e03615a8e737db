import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p3Rule1 } from "../../../lib/policy/rules/p3-1";
import { sha256 } from "../../../lib/support/digest";
import { PLAN_HASH, PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

function withRun(run: { argv?: unknown; confirmed?: unknown; planHash?: unknown }) {
  return graphWith((content) => {
    content.playbooks[0] = { ...content.playbooks[0]!, ...(run as object) };
  });
}

describe("P3-1", () => {
  test("looks at each playbook", () => {
    expectPass(p3Rule1, [{ scope: PLATFORM, examined: 1 }]);
  });

  test("takes a run whose plan was confirmed", () => {
    const graph = withRun({ argv: ["ansible-playbook", "p.yml"], confirmed: PLAN_HASH });
    expect(findingsOf(graph, p3Rule1)).toEqual([]);
  });

  test.each([
    [["p.yml"], undefined, "lacks --check and --diff, and no plan was confirmed"],
    [["--check", "p.yml"], undefined, "lacks --diff, and no plan was confirmed"],
    [["--diff", "--", "--check"], undefined, "lacks --check, and no plan was confirmed"],
    [
      ["p.yml"],
      sha256("another plan"),
      "lacks --check and --diff, and what was confirmed is not this plan's hash",
    ],
  ])("fails for %j confirmed by %s", (argv, confirmed, message) => {
    const run = confirmed === undefined ? { argv } : { argv, confirmed };
    expectFindings(withRun(run), p3Rule1, [
      { object: "playbook eu-prod/bootstrap", scope: PLATFORM, field: "argv", message },
    ]);
  });

  test("fails for two empty hashes", () => {
    expect(findingsOf(withRun({ argv: [], confirmed: "", planHash: "" }), p3Rule1)).toHaveLength(1);
  });

  test.each(["argv", "planHash"])("S6 fails for an unknown %s", (field) => {
    expect(findingsOf(withRun({ argv: [], [field]: UNKNOWN }), p3Rule1)).toMatchObject([
      { field, cause: "undecided" },
    ]);
  });

  test.each(HOSTILE)("fails, and does not crash, for the argv %s", (argv) => {
    expect(findingsOf(withRun({ argv }), p3Rule1)).toHaveLength(1);
  });
});
