import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { ALL_RULES } from "../../lib/policy/rules";
import { checksFor, coveragePage, MTB, readCoverage } from "./coverage-page";

describe("coverage by other tools", () => {
  const coverage = readCoverage();
  const tools = Object.keys(coverage.tools);

  test("every rule has a row", () => {
    expect(ALL_RULES.map(({ id }) => id).filter((id) => !(id in coverage.rules))).toEqual([]);
  });

  test("rows and kinds name only tools that are listed", () => {
    const named = [...Object.values(coverage.rules), ...coverage.missing].flatMap(Object.keys);
    const known = [...tools, "what", "of"];
    expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
  });

  test("no check is both beside a rule and missing, or missing twice", () => {
    for (const tool of tools) {
      const missing = coverage.missing.flatMap((group) => group[tool] ?? []);
      expect(new Set(missing).size).toBe(missing.length);
      const beside = Object.keys(coverage.rules).flatMap((id) => checksFor(coverage, id, tool));
      expect(missing.filter((check) => beside.includes(check))).toEqual([]);
    }
  });

  test("every check of kubectl-mtb has a rule or is missing", () => {
    const missing = coverage.missing.flatMap((group) => group[MTB] ?? []);
    const alone = coverage.mtb.filter(({ rules }) => rules.length === 0);
    expect(alone.map(({ id }) => id)).toEqual(missing);
    const rules = coverage.mtb.flatMap((check) => check.rules);
    expect(rules.filter((id) => !ALL_RULES.some((rule) => rule.id === id))).toEqual([]);
  });

  // `npx vitest run test/policy/coverage.test.ts -u` writes it anew.
  test("docs/rules-coverage.md is what coverage.yaml says", async () => {
    const page = await format(coveragePage(coverage, ALL_RULES), {
      parser: "markdown",
      printWidth: 100,
    });
    await expect(page).toMatchFileSnapshot("../../docs/rules-coverage.md");
  });
});
