import { describe, expect, test } from "vitest";
import { evaluate } from "../../lib/policy/evaluation/evaluate";
import type { AnyRule, PolicyId } from "../../lib/policy/evaluation/rule";
import { defineRule } from "../../lib/policy/evaluation/rule";
import { ResourceGraph } from "../../lib/policy/graph/graph";
import { policyMatrix } from "../../lib/policy/matrix";
import { P2_TO_P7_RULES } from "../../lib/policy/rules/p2-p7";
import type { Waiver } from "../../lib/policy/waiver";
import { graphWith } from "./small-objects";

const NOW = new Date("2026-06-15T12:00:00Z");

/** A rule over words: each one is a subject `cluster/word`, and "bad" is a violation. */
function wordRule(id: string, policy: PolicyId, words: readonly string[]): AnyRule {
  return defineRule({
    id,
    policy,
    severity: "low",
    title: `no word is bad`,
    why: "words matter",
    remediation: "say it better",
    source: "none",
    subjects: () =>
      words.map((text) => {
        const [cluster, word] = text.split("/") as [string, string];
        return { scope: { cluster, tenant: "acme" }, object: `word ${word}`, field: "" };
      }),
    check({ object }, report) {
      if (object === "word bad") report(".sound", "is bad");
    },
  });
}

const RULES = [
  wordRule("P1-A", "P1", ["eu/good", "eu/bad", "us/good"]),
  wordRule("P1-B", "P1", ["eu/good"]),
  wordRule("P2-A", "P2", []),
];

function matrix(waivers: readonly Waiver[] = [], rules: readonly AnyRule[] = RULES) {
  const graph = new ResourceGraph({ clusters: ["us", "eu", "ap"] });
  return policyMatrix(graph, evaluate(graph, rules), waivers, NOW, rules);
}

const WAIVER: Waiver = {
  rule: "P1-A",
  object: "word bad",
  reason: "art",
  expires: "2027-01-01",
  owner: "poet",
};

describe("policyMatrix", () => {
  test("says for each cluster and policy what was looked at and what was found", () => {
    const none = { outcome: "not applicable", rules: [] };
    const row = (id: string, examined: number, violations = 0) => ({
      id,
      title: "no word is bad",
      outcome: violations > 0 ? "violation" : examined > 0 ? "pass" : "not applicable",
      examined,
      violations,
      waived: 0,
    });
    const others = {
      P2: { outcome: "not applicable", rules: [row("P2-A", 0)] },
      P3: none,
      P4: none,
      P5: none,
      P6: none,
      P7: none,
    };
    expect(matrix()).toEqual({
      version: 1,
      outcome: "violation",
      clusters: [
        {
          cluster: "ap",
          outcome: "not applicable",
          cells: {
            P1: { outcome: "not applicable", rules: [row("P1-A", 0), row("P1-B", 0)] },
            ...others,
          },
          findings: [],
        },
        {
          cluster: "eu",
          outcome: "violation",
          cells: {
            P1: { outcome: "violation", rules: [row("P1-A", 2, 1), row("P1-B", 1)] },
            ...others,
          },
          findings: [
            {
              rule: "P1-A",
              policy: "P1",
              severity: "low",
              cause: "violation",
              tenant: "acme",
              object: "word bad",
              field: "sound",
              message: "is bad",
              remediation: "say it better",
            },
          ],
        },
        {
          cluster: "us",
          outcome: "pass",
          cells: {
            P1: { outcome: "pass", rules: [row("P1-A", 1), row("P1-B", 0)] },
            ...others,
          },
          findings: [],
        },
      ],
      waivers: { expired: [], unused: [] },
    });
  });

  test("counts a waived finding apart, and keeps it", () => {
    const { outcome, clusters } = matrix([WAIVER]);
    const [, eu] = clusters;
    expect(outcome).toBe("pass");
    expect(eu!.cells.P1.rules[0]).toMatchObject({ outcome: "pass", violations: 0, waived: 1 });
    expect(eu!.findings).toMatchObject([{ rule: "P1-A", waiver: WAIVER }]);
  });

  test("fails what an expired waiver would lift, and names unused ones", () => {
    const expired = { ...WAIVER, expires: "2026-01-01" };
    const unused = { ...WAIVER, object: "word gone" };
    const { outcome, waivers } = matrix([unused, expired]);
    expect(outcome).toBe("violation");
    expect(waivers).toEqual({ expired: [expired], unused: [unused] });
  });

  test("fails for a rule that throws, on each cluster", () => {
    const broken: AnyRule = {
      ...RULES[0]!,
      subjects() {
        throw new Error("canary");
      },
    };
    const { clusters } = matrix([], [broken]);
    expect(clusters.map(({ outcome }) => outcome)).toEqual(["violation", "violation", "violation"]);
    expect(JSON.stringify(clusters)).not.toContain("canary");
  });

  test("gives the same bytes for the same things in another order", () => {
    const graph = graphWith(
      ({ objects }) => delete (objects[2]!.object as { spec?: unknown }).spec,
    );
    const turned = new ResourceGraph({ ...graph, objects: [...graph.objects].reverse() });
    const bytes = (one: ResourceGraph) =>
      JSON.stringify(policyMatrix(one, evaluate(one, P2_TO_P7_RULES), [], NOW, P2_TO_P7_RULES));
    expect(bytes(turned)).toBe(bytes(graph));
    expect(JSON.parse(bytes(graph))).toEqual(
      policyMatrix(graph, evaluate(graph, P2_TO_P7_RULES), [], NOW, P2_TO_P7_RULES),
    );
  });

  test("is not applicable where there is nothing", () => {
    const graph = new ResourceGraph({});
    expect(policyMatrix(graph, evaluate(graph, P2_TO_P7_RULES), [], NOW).outcome).toBe(
      "not applicable",
    );
  });
});
