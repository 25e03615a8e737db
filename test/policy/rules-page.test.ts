import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { ALL_RULES } from "../../lib/policy/rules";
import { rulesPage } from "../../lib/policy/rules-page";
import { readRuleExample } from "./rule-example";

/** Pages that link to a rule. */
const PAGES = ["README.md", "docs/rules.md", "docs/rules-coverage.md"];

const readText = (path: string) => readFileSync(join(__dirname, "../..", path), "utf8");

const EXAMPLE = { kind: ".yaml", good: "a: 1\n", bad: "a: 2\n" };

describe("rules page", () => {
  // `npx vitest run test/policy/rules-page.test.ts -u` writes it anew.
  test("docs/rules.md is what the code and the examples say", async () => {
    // As prettier has it, for the whole project is checked with it, the examples as they are, too.
    const page = await format(rulesPage(ALL_RULES, readRuleExample), {
      parser: "markdown",
      printWidth: 100,
      embeddedLanguageFormatting: "off",
    });
    await expect(page).toMatchFileSnapshot("../../docs/rules.md");
  });

  test("every link to a rule leads to its section", () => {
    const sections = [...readText("docs/rules.md").matchAll(/^### (\S+)$/gm)].map(([, id]) => id!);
    expect(sections).toEqual(ALL_RULES.map(({ id }) => id));
    // As GitHub makes anchors of headings, and reports make links of ids.
    const anchors = sections.map((id) => `#${id.toLowerCase()}`);
    const links = PAGES.flatMap((page) => [
      ...readText(page).matchAll(/\]\([\w./-]*rules\.md(#[^)]+)\)|\]\((#p\d[^)]*)\)/g),
    ]).map(([, other, own]) => other ?? own!);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
    expect(links.length).toBeGreaterThan(ALL_RULES.length);
  });

  test("a text begins no emphasis, and an example ends no block early", () => {
    const rule = { ...ALL_RULES[0]!, title: "a\nc *d*" };
    const page = rulesPage([rule], () => ({ ...EXAMPLE, bad: "```\n# a" }));
    expect(page).toContain("\nA c \\*d\\*.\n");
    expect(page).toContain("````yaml\n```\n# a\n````");
  });
});

describe("rules", () => {
  test("have ids of their own, that begin with their policy", () => {
    const ids = ALL_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ALL_RULES.filter(({ id, policy }) => !id.startsWith(`${policy}-`))).toEqual([]);
  });
});
