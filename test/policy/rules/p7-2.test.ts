import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p7Rule2 } from "../../../lib/policy/rules/p7-2";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith, graphWithObject } from "../small-objects";

const withHistory = (limit: unknown) =>
  graphWith(({ releases }) => (releases[0]!.historyLimit = limit as number));
const withRevisions = (limit: unknown) =>
  graphWithObject(AT.deployment, (object) => {
    object["spec"]!["revisionHistoryLimit"] = limit as never;
  });

describe("P7-2", () => {
  test("looks at each release and each rollout", () => {
    expectPass(p7Rule2, [{ scope: ACME, examined: 3 }]);
  });

  test.each([
    [0, "is 0; at least 2 are needed"],
    [1, "is 1; at least 2 are needed"],
    ["5", "is no number; at least 2 are needed"],
  ])("fails for a limit of %j", (limit, message) => {
    expectFindings(withHistory(limit), p7Rule2, [
      { object: "release tenant-acme", field: "historyLimit", message },
    ]);
    expectFindings(withRevisions(limit), p7Rule2, [
      { object: "Deployment tenant-acme/api", field: "spec.revisionHistoryLimit", message },
    ]);
  });

  test("takes Kubernetes' own default", () => {
    expect(findingsOf(withRevisions(undefined), p7Rule2)).toEqual([]);
  });

  test("S6 fails for what is not known yet", () => {
    expect(findingsOf(withHistory(UNKNOWN), p7Rule2)).toMatchObject([{ cause: "undecided" }]);
    expect(findingsOf(withRevisions(UNKNOWN), p7Rule2)).toMatchObject([{ cause: "undecided" }]);
  });

  test.each(HOSTILE)("fails, and does not crash, for the spec %s", (spec) => {
    expect(findingsOf(withHistory(spec), p7Rule2)).toHaveLength(1);
    const graph = graphWithObject(AT.deployment, (object) => (object["spec"] = spec as never));
    expect(findingsOf(graph, p7Rule2).length).toBeLessThanOrEqual(1);
  });
});
