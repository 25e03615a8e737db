import { POLICIES, POLICY_TITLES } from "../policy/evaluation/rule";
import type { MatrixFinding, PolicyMatrix } from "../policy/matrix";
import { markdownTable } from "../support/text-table";
import { bullets, code, count, page } from "./markdown";

/** `G.3.6_policy_monitor.md`: the matrix, every finding with its mend, and every waiver. */
export function policyMonitorPage(matrix: PolicyMatrix): string {
  const all = matrix.clusters.flatMap(({ cluster, findings }) =>
    findings.map((finding) => ({ cluster, ...finding })),
  );
  const standing = all.filter(({ waiver }) => waiver === undefined);
  const clusters = count(matrix.clusters.length, "cluster");
  return page(
    "Policy monitor",
    standing.length === 0
      ? `P1 to P7 hold on ${clusters}.`
      : `${count(standing.length, "finding")} on ${clusters}.`,
    matrixTable(matrix),
    "## Findings",
    standing.length > 0
      ? markdownTable(
          ["cluster", "rule", "object", "field", "finding", "how to mend it"],
          standing.map((finding) => [
            finding.cluster,
            finding.rule,
            code(finding.object),
            finding.field === "" ? "" : code(finding.field),
            finding.message,
            finding.remediation,
          ]),
        )
      : "None.",
    "## Waivers",
    waiverTable(matrix, all) ?? "None.",
    "## Next",
    bullets(
      standing.length > 0
        ? [
            "Mend each finding as its row says. `pulumi preview --policy-pack policy-pack` stops on the same ones.",
            "What cannot be mended yet takes a waiver in the fleet file: rule, object, reason, expiry and owner.",
          ]
        : ["Run the same rules on every preview: `pulumi preview --policy-pack policy-pack`."],
    ),
  );
}

/** Every waiver with what it does: it lifts something, it has expired, or there is nothing to lift. */
function waiverTable(
  { waivers }: PolicyMatrix,
  findings: readonly MatrixFinding[],
): string | undefined {
  const used = findings.flatMap(({ waiver }) => (waiver === undefined ? [] : [waiver]));
  const rows = [
    ...[...new Set(used)].map((waiver) => ({ waiver, effect: "lifts a finding" })),
    ...waivers.expired.map((waiver) => ({ waiver, effect: "expired: lifts nothing" })),
    ...waivers.unused.map((waiver) => ({ waiver, effect: "unused: there is nothing to lift" })),
  ];
  if (rows.length === 0) return undefined;
  return markdownTable(
    ["rule", "object", "reason", "expires", "owner", "effect"],
    rows.map(({ waiver: { rule, object, reason, expires, owner }, effect }) => [
      rule,
      code(object),
      reason,
      expires,
      owner,
      effect,
    ]),
  );
}

/** `docs/policies/selfhost_compliance.md`: for each policy what was looked at, rule by rule. */
export function compliancePage(matrix: PolicyMatrix): string {
  return page(
    "Compliance of the self-hosted fleet",
    "One column a cluster. A cell says how many things its rules looked at; a policy without any is not applicable, which is no pass.",
    matrixTable(matrix),
    ...POLICIES.flatMap((policy) => [
      `## ${policy}: ${POLICY_TITLES[policy]}`,
      ...matrix.clusters.map(({ cluster, cells }) =>
        markdownTable(
          [`rule on ${cluster}`, "what has to hold", "looked at", "violations", "waived"],
          cells[policy].rules.map(({ id, title, examined, violations, waived }) => [
            id,
            title,
            String(examined),
            String(violations),
            String(waived),
          ]),
        ),
      ),
    ]),
  );
}

function matrixTable({ clusters }: PolicyMatrix): string {
  return markdownTable(
    ["policy", ...clusters.map(({ cluster }) => cluster)],
    POLICIES.map((policy) => [
      `${policy} ${POLICY_TITLES[policy]}`,
      ...clusters.map(({ cells }) => {
        const { outcome, rules } = cells[policy];
        const examined = rules.reduce((sum, rule) => sum + rule.examined, 0);
        return examined === 0 ? outcome : `${outcome} (${examined} looked at)`;
      }),
    ]),
  );
}
