import type { AnyRule } from "./evaluation/rule";
import { POLICIES, POLICY_TITLES } from "./evaluation/rule";

/** Two documents that differ in nothing but what a rule is about. */
export interface RuleExample {
  /** How both files' names go on after `good` and `bad`: `.yaml`, `.playbook.yaml`. */
  readonly kind: string;
  readonly good: string;
  readonly bad: string;
}

/**
 * The page `docs/rules.md`: an index, and a section for each rule, whose anchor is its id in small
 * letters.
 *
 * @param exampleOf the example of a rule by its id; it lies in `docs/rules/<id>/`.
 */
export function rulesPage(
  rules: readonly AnyRule[],
  exampleOf: (id: string) => RuleExample,
): string {
  const policies = POLICIES.map((policy) => ({
    heading: `${policy}: ${POLICY_TITLES[policy]}`,
    own: rules.filter((rule) => rule.policy === policy),
  }));
  const index = policies.map(({ heading, own }) =>
    [`**${heading}**`, "", ...own.map(indexLine)].join("\n"),
  );
  const sections = policies.map(({ heading, own }) =>
    [`## ${heading}`, ...own.map((rule) => section(rule, exampleOf(rule.id)))].join("\n\n"),
  );
  return [INTRODUCTION, ...index, ...sections].join("\n\n") + "\n";
}

const INTRODUCTION = `# Rules

\`atom audit\`, the simulation and the policy pack decide the same rules over the same resource graph.
A rule looks at each of its subjects alone. What it cannot decide, because a value is not known yet
or an object is not built as Kubernetes has it, counts as a violation. A rule without a subject is
not applicable, which is no pass. An id is kept for ever; a waiver (rule, object, reason, expiry,
owner) lifts a rule from one object until its day has passed.

Each rule has a bad and a good example. Those of Kubernetes objects are for you to try:

\`\`\`sh
atom audit docs/rules/P1-NET-1/bad.yaml
\`\`\`

An example is as short as it can be, so other rules miss something in it: look for the row of the
rule that it is about. A name that ends in \`.stack.yaml\` has resources of a Pulumi stack, as the
policy pack sees them; \`.playbook.yaml\` is an Ansible playbook, \`.policy.hcl\` a Vault policy of
tenant acme, \`.metrics.txt\` what a daemon answers to a scrape, and \`.graph.yaml\` the part of the
resource graph that the rule reads.

[What other tools check](rules-coverage.md) stands on a page of its own.`;

function indexLine({ id, severity, title }: AnyRule): string {
  return `- [${id}](#${id.toLowerCase()}) (${severity}): ${plain(title)}`;
}

function section(
  { id, severity, title, why, remediation, source }: AnyRule,
  example: RuleExample,
): string {
  return [
    `### ${id}`,
    sentence(title),
    [
      `- **Severity:** ${severity}`,
      `- **Why:** ${sentence(why)}`,
      `- **How to mend it:** ${sentence(remediation)}`,
      `- **Source:** ${plain(source)}`,
    ].join("\n"),
    ...(["bad", "good"] as const).map((which) => {
      const path = `rules/${id}/${which}${example.kind}`;
      return `${HEADS[which]}, [\`docs/${path}\`](${path}):\n\n${block(example, which)}`;
    }),
  ].join("\n\n");
}

const HEADS = { bad: "Bad", good: "Good" };

function block({ kind, ...texts }: RuleExample, which: "good" | "bad"): string {
  const language = kind.slice(kind.lastIndexOf(".") + 1);
  // Longer than any fence inside.
  const fence = "`".repeat(Math.max(3, ...(texts[which].match(/`+/g) ?? []).map(moreThan)));
  return `${fence}${language}\n${texts[which].trimEnd()}\n${fence}`;
}

function moreThan({ length }: string): number {
  return length + 1;
}

function sentence(text: string): string {
  const shown = plain(text);
  return `${shown.charAt(0).toUpperCase()}${shown.slice(1)}.`;
}

/** Text that Markdown shows as it is: no tag, no emphasis and no list begins. */
function plain(text: string): string {
  return text.replace(/[\\|*_<>`[\]]/g, "\\$&").replace(/\s+/g, " ");
}
