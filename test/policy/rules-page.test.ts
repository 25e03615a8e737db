import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { ALL_RULES } from "../../lib/policy/rules";
import { rulesPage } from "../../lib/policy/rules-page";

describe("rules page", () => {
  // `npx vitest run test/policy/rules-page.test.ts -u` writes it anew.
  test("docs/rules.md is what the code says", async () => {
    // As prettier has it, for the whole project is checked with it.
    const page = await format(rulesPage(ALL_RULES), { parser: "markdown", printWidth: 100 });
    await expect(page).toMatchFileSnapshot("../../docs/rules.md");
  });

  test("a cell cannot end early", () => {
    const rule = { ...ALL_RULES[0]!, title: "a | b\nc *d*" };
    expect(rulesPage([rule])).toContain("| a \\| b c \\*d\\* |");
  });
});

describe("rules", () => {
  test("have ids of their own, that begin with their policy", () => {
    const ids = ALL_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ALL_RULES.filter(({ id, policy }) => !id.startsWith(`${policy}-`))).toEqual([]);
  });
});
