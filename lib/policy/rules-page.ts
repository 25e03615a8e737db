import type { AnyRule } from "./rule";
import { POLICIES, POLICY_TITLES } from "./rule";

/** The page `docs/rules.md`: one row a rule, policy by policy. */
export function rulesPage(rules: readonly AnyRule[]): string {
  const sections = POLICIES.map((policy) => {
    const rows = rules.filter((rule) => rule.policy === policy).map(row);
    return [
      `## ${policy}: ${POLICY_TITLES[policy]}`,
      "",
      "| id | severity | what has to hold | why | how to mend it | source |",
      "| --- | --- | --- | --- | --- | --- |",
      ...rows,
    ].join("\n");
  });
  return [INTRODUCTION, ...sections].join("\n\n") + "\n";
}

const INTRODUCTION = `# Rules

\`atom audit\`, the simulation and the policy pack decide the same rules over the same resource graph.
A rule looks at each of its subjects alone. What it cannot decide, because a value is not known yet
or an object is not built as Kubernetes has it, counts as a violation. A rule without a subject is
not applicable, which is no pass. An id is kept for ever; a waiver (rule, object, reason, expiry,
owner) lifts a rule from one object until its day has passed.`;

function row({ id, severity, title, why, remediation, source }: AnyRule): string {
  return `| ${[id, severity, title, why, remediation, source].map(cell).join(" | ")} |`;
}

/** Text that Markdown shows as it is: no cell ends early, no tag and no emphasis begins. */
function cell(text: string): string {
  return text.replace(/[\\|*_<>`[\]]/g, "\\$&").replace(/\s+/g, " ");
}
