import type { AuditFormat, AuditReport } from "./audit-report";
import { jsonPieces } from "./json-pieces";
import { junitPieces } from "./junit";
import { oscalResults } from "./oscal";
import { sarifLog } from "./sarif";

/**
 * An audit as a whole file of a format, with its final line break, in pieces: of ten thousand workloads
 * it may be longer than a string can be, and nobody needs all of it at once.
 */
export function* formatAudit(report: AuditReport, format: AuditFormat): Generator<string> {
  if (format === "junit") {
    yield* junitPieces(report);
    return;
  }
  yield* jsonPieces(DOCUMENTS[format](report));
  yield "\n";
}

const DOCUMENTS: Readonly<Record<Exclude<AuditFormat, "junit">, (report: AuditReport) => unknown>> =
  {
    json: ({ matrix }) => matrix,
    sarif: sarifLog,
    oscal: oscalResults,
  };
