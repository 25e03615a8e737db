import { oneLine } from "../support/one-line";
import { tableLines } from "../support/text-table";
import { findingsOf } from "./audit-report";
import type { AuditReport, PlacedFinding } from "./audit-report";

/** Every finding as a line of a table for a terminal, waived ones marked; nothing if there is none. */
export function* findingsTable(report: AuditReport): Generator<string> {
  const findings = findingsOf(report);
  if (findings.length === 0) return;
  const places = report.files.length > 0;
  const rows = findings.map((finding) => {
    const { severity, rule, object, field, remediation } = finding;
    const place = places ? [placeText(report, finding)] : [];
    return [severity, rule, object, field, ...place, findingText(finding), remediation].map(
      oneLine,
    );
  });
  const heading = ["severity", "rule", "object", "field", ...(places ? ["place"] : []), "finding"];
  for (const line of tableLines([...heading, "how to mend it"], rows)) yield `${line}\n`;
  yield "\n";
}

/** `waived until 2027-01-31 (platform): hostNetwork is true` */
function findingText({ message, waiver }: PlacedFinding): string {
  if (waiver === undefined) return message;
  return `waived until ${waiver.expires} (${waiver.owner}): ${message}`;
}

/** `manifests/api.yaml:12`, as editors open it. */
function placeText({ placesOf }: AuditReport, finding: PlacedFinding): string {
  const [place] = placesOf(finding);
  return place === undefined ? "" : `${place.file}:${place.first}`;
}
