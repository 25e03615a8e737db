import type { AuditFormat, AuditReport } from "./audit-report";
import { junitXml } from "./junit";
import { oscalResults } from "./oscal";
import { sarifLog } from "./sarif";

/** An audit as a whole file of a format, with its final line break. */
export function formatAudit(report: AuditReport, format: AuditFormat): string {
  switch (format) {
    case "json":
      return jsonText(report.matrix);
    case "sarif":
      return jsonText(sarifLog(report));
    case "junit":
      return junitXml(report);
    case "oscal":
      return jsonText(oscalResults(report));
  }
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
