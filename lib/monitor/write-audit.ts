import type { PolicyMatrix } from "../policy/matrix";
import { compliancePage } from "../report/policy-report";
import { ReportWriter } from "../report/report-writer";
import { Redactor } from "../support/redactor";

/**
 * Writes an audit below a folder, each file whole or not at all: `reports/selfhost_policy_audit.json` and
 * `docs/policies/selfhost_compliance.md`. No finding holds a secret.
 */
export function writeAudit(folder: string, matrix: PolicyMatrix): void {
  const writer = new ReportWriter(folder, new Redactor());
  writer.json("reports/selfhost_policy_audit.json", matrix);
  writer.text("docs/policies/selfhost_compliance.md", compliancePage(matrix));
}
