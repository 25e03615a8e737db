import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../lib/policy/evaluation/evaluate";
import { ALL_RULES } from "../../lib/policy/rules";
import { EXAMPLES, graphOfExample } from "./rule-example";

describe("examples of the rules", () => {
  test("are there for rules and for nothing else", () => {
    const ids = ALL_RULES.map(({ id }) => id);
    expect(readdirSync(EXAMPLES).filter((name) => !ids.includes(name))).toEqual([]);
  });

  for (const rule of ALL_RULES) {
    const resultsOf = (which: "good" | "bad") => evaluate(graphOfExample(rule.id, which), [rule]);

    test(`${rule.id}: the good one has something to look at and nothing to find`, () => {
      const results = resultsOf("good");
      expect(results.flatMap(({ findings }) => findings)).toEqual([]);
      expect(results.reduce((sum, { examined }) => sum + examined, 0)).toBeGreaterThan(0);
    });

    test(`fails ${rule.id}: the bad one is a violation`, () => {
      const causes = resultsOf("bad").flatMap(({ findings }) => findings.map(({ cause }) => cause));
      // Neither undecided nor an error: it is the rule that is shown, not a file that it cannot read.
      expect([...new Set(causes)]).toEqual(["violation"]);
    });
  }
});
