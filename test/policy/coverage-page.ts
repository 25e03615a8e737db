import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { AnyRule } from "../../lib/policy/evaluation/rule";
import { POLICIES } from "../../lib/policy/evaluation/rule";
import { count } from "../../lib/report/markdown";

/** Checks of other tools by the tool's key. */
type Checks = Readonly<Record<string, readonly string[]>>;

interface Tool {
  readonly name: string;
  /** Where and in which version its checks were looked up. */
  readonly seen: string;
  /** Whether each of its checks is named, with a rule of ours or among the missing ones. */
  readonly complete: boolean;
}

/** What `coverage.yaml` holds. */
export interface Coverage {
  readonly date: string;
  readonly tools: Readonly<Record<string, Tool>>;
  /** Each rule's row, by its id. */
  readonly rules: Readonly<Record<string, Checks>>;
  readonly mtb: readonly {
    readonly id: string;
    readonly title: string;
    readonly rules: readonly string[];
  }[];
  readonly missing: readonly ({ readonly what: string } & Checks & {
      /** How many checks a range stands for, by tool. */
      readonly of?: Readonly<Record<string, number>>;
    })[];
}

export const MTB = "mtb";

export function readCoverage(): Coverage {
  return parse(readFileSync(join(__dirname, "coverage.yaml"), "utf8")) as Coverage;
}

/** A tool's checks for the same thing as a rule, or for a part of it. */
export function checksFor(coverage: Coverage, rule: string, tool: string): readonly string[] {
  if (tool !== MTB) return coverage.rules[rule]?.[tool] ?? [];
  return coverage.mtb.filter(({ rules }) => rules.includes(rule)).map(({ id }) => id);
}

/** The page `docs/rules-coverage.md`. */
export function coveragePage(coverage: Coverage, rules: readonly AnyRule[]): string {
  const tools = Object.keys(coverage.tools);
  return [
    "# What other tools check",
    INTRODUCTION,
    `Looked up on ${coverage.date}:`,
    tools
      .map((tool) => `- **${nameOf(coverage, tool)}**: ${coverage.tools[tool]!.seen}`)
      .join("\n"),
    `## ${count(rules.length, "rule")} of ours`,
    summary(coverage, rules),
    "How many checks each tool has for a rule:",
    table(
      ["rule", ...tools.map((tool) => nameOf(coverage, tool))],
      rules.map(({ id }) => [
        linkTo(id),
        ...tools.map((tool) => `${checksFor(coverage, id, tool).length || "–"}`),
      ]),
    ),
    "## Rule by rule",
    ...POLICIES.map((policy) => {
      const own = rules.filter((rule) => rule.policy === policy);
      return own.map((rule) => row(coverage, rule.id)).join("\n");
    }),
    `## The ${coverage.mtb.length} checks of kubectl-mtb`,
    mtbIntroduction(coverage),
    table(
      ["check", "what it is about", "our rules"],
      coverage.mtb.map(({ id, title, rules: ours }) => [
        id,
        title,
        ours.map(linkTo).join(", ") || "none",
      ]),
    ),
    "## What others check and we do not",
    missingIntroduction(coverage),
    coverage.missing.map((group) => missingLine(coverage, group)).join("\n"),
  ].join("\n\n");
}

const INTRODUCTION = `Which checks of seven other tools are about the same thing as a [rule](rules.md) of ours, or about a
part of it. That two are about the same thing does not say that they agree: most of the others look
at one object at a time. A policy of Kyverno that generates what a rule of ours asks for counts,
too. "None found" says that a look through the tool's checks found none, and not that nobody could
write one: Kyverno, Gatekeeper, kubescape and checkov all take checks of one's own.`;

function mtbIntroduction({ mtb }: Coverage): string {
  const covered = mtb.filter(({ rules }) => rules.length > 0).length;
  return `kubectl-mtb, which is retired, tries on a live cluster what a tenant can do; our rules read what
would let it. ${covered} of its ${mtb.length} checks have a rule of ours. Checks that its index has as pending are not counted.`;
}

function summary(coverage: Coverage, rules: readonly AnyRule[]): string {
  const shares = POLICIES.map((policy) => rules.filter((rule) => rule.policy === policy));
  const covered = (tool: string, own: readonly AnyRule[]) =>
    own.filter(({ id }) => checksFor(coverage, id, tool).length > 0).length;
  const rows = Object.keys(coverage.tools).map((tool) => [
    nameOf(coverage, tool),
    ...shares.map((own) => `${covered(tool, own)}`),
    `${covered(tool, rules)} of ${rules.length}`,
    missingCount(coverage, tool),
  ]);
  const heads = POLICIES.map((policy, at) => `${policy} (${shares[at]!.length})`);
  return table(["rules that a tool has a check for", ...heads, "all", "theirs we lack"], rows);
}

function row(coverage: Coverage, rule: string): string {
  const found = Object.keys(coverage.tools).flatMap((tool) => {
    const checks = checksFor(coverage, rule, tool);
    return checks.length > 0 ? [`${nameOf(coverage, tool)}: ${checks.join(", ")}`] : [];
  });
  return `- ${linkTo(rule)} ${found.join("; ") || "none found"}`;
}

function missingIntroduction({ tools, missing }: Coverage): string {
  const parts = Object.values(tools).filter(({ complete }) => !complete);
  return `${count(missing.length, "kind")} of checks, each with the names that the tools have for them. Of
${parts.map(({ name }) => name).join(" and ")} there are more that were not gone through.`;
}

function missingLine(coverage: Coverage, group: Coverage["missing"][number]): string {
  const found = Object.keys(coverage.tools)
    .filter((tool) => group[tool] !== undefined)
    .map((tool) => {
      const number = group.of?.[tool];
      const checks = group[tool]!.join(", ");
      return `${nameOf(coverage, tool)}: ${checks}${number === undefined ? "" : ` (${number})`}`;
    });
  return `- **${group.what}**: ${found.join("; ")}`;
}

function missingCount(coverage: Coverage, tool: string): string {
  const number = coverage.missing.reduce(
    (sum, group) => sum + (group.of?.[tool] ?? group[tool]?.length ?? 0),
    0,
  );
  return `${coverage.tools[tool]!.complete ? "" : "at least "}${number}`;
}

function nameOf(coverage: Coverage, tool: string): string {
  return coverage.tools[tool]!.name;
}

function linkTo(rule: string): string {
  return `[${rule}](rules.md#${rule.toLowerCase()})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
