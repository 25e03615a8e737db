import type { PolicyMatrix } from "../policy/matrix";
import { POLICIES, POLICY_TITLES } from "../policy/rule";
import { markdownTable } from "../support/text-table";
import { bullets, code, count, page } from "./markdown";

/** `G.3.6_policy_monitor.md`: the matrix, and every finding with its mend. */
export function policyMonitorPage(matrix: PolicyMatrix): string {
  const findings = matrix.clusters.flatMap((cluster) => cluster.findings);
  return page(
    "Policy monitor",
    matrix.outcome === "pass"
      ? `P1 to P7 hold on ${count(matrix.clusters.length, "cluster")}.`
      : `${count(findings.length, "finding")} on ${count(matrix.clusters.length, "cluster")}.`,
    matrixTable(matrix),
    "## Findings",
    findings.length > 0
      ? markdownTable(
          ["rule", "object", "field", "finding", "how to mend it"],
          findings.map((f) => [
            f.rule,
            code(f.object),
            f.field === "" ? "" : code(f.field),
            f.message,
            f.remediation,
          ]),
        )
      : "None.",
    "## Next",
    bullets(
      findings.length > 0
        ? [
            "Mend each finding as its row says. `pulumi preview --policy-pack policy-pack` stops on the same ones.",
            "What cannot be mended yet takes a waiver in the fleet file: rule, object, reason, expiry and owner.",
          ]
        : ["Run the same rules on every preview: `pulumi preview --policy-pack policy-pack`."],
    ),
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
