import { evaluate } from "../policy/evaluate";
import { graphFromManifests } from "../policy/graph-from-manifests";
import { policyMatrix } from "../policy/matrix";
import type { PolicyMatrix } from "../policy/matrix";
import { ALL_RULES } from "../policy/rules";
import { formatAudit } from "../report/audit-format";
import type { AuditFormat, AuditReport } from "../report/audit-report";
import { findingsTable } from "../report/audit-table";
import { count } from "../report/markdown";
import { writeFileAtomic } from "../support/atomic-file";
import { systemClock } from "../support/clock";
import { UsageError } from "../support/problem";
import { packageVersions } from "../support/versions";
import { nameOf, placeFindings } from "./audit-places";
import type { CommandContext } from "./command-context";
import { manifestDocuments } from "./manifest-documents";
import { readManifestFiles } from "./manifest-files";
import { EXIT } from "./terminal";

export interface AuditOptions {
  /** Its name in the report. @default "default" */
  readonly cluster?: string;
  readonly format: AuditFormat | "table";
  /** The same as the format json. */
  readonly json?: true;
  /** A file to write instead of standard output. */
  readonly out?: string;
}

/** Decides P1 to P7 over manifests from files, folders and standard input. */
export async function auditManifests(
  context: CommandContext,
  paths: readonly string[],
  options: AuditOptions,
): Promise<void> {
  const files = await readManifestFiles(paths);
  const documents = files.flatMap(manifestDocuments);
  const graph = graphFromManifests(
    documents.map(({ value }) => value),
    { cluster: options.cluster ?? "default", plain: true },
  );
  if (graph.objects.length === 0) {
    throw refused(paths, "holds no Kubernetes object, so there is nothing to check");
  }
  if (graph.objects.length > MOST_OBJECTS) {
    throw refused(paths, `holds over ${MOST_OBJECTS} objects`);
  }
  const results = evaluate(graph, ALL_RULES);
  const date = systemClock.now();
  const matrix = policyMatrix(graph, results, [], date);
  const report: AuditReport = {
    matrix,
    rules: ALL_RULES,
    results,
    files: files.map(({ path }) => nameOf(path)),
    placesOf: placeFindings(documents, graph, matrix),
    date: dayOf(date),
    version: packageVersions()["atom-selfhost"] ?? "unknown",
  };
  const looked = `${count(graph.objects.length, "object")} in ${count(files.length, "file")}`;
  printAudit(context, report, looked, options);
}

/** Four times what a thousand tenants come to. */
const MOST_OBJECTS = 100_000;

function refused(paths: readonly string[], message: string): UsageError {
  return new UsageError("audit", [{ path: paths.join(", "), message }]);
}

/**
 * Prints an audit, or writes it into a file, and fails for a violation.
 *
 * @param looked what the rules looked over: `12 objects in 1 file`.
 */
export function printAudit(
  { terminal, finish }: CommandContext,
  report: AuditReport,
  looked: string,
  { format, json, out }: Omit<AuditOptions, "cluster">,
): void {
  const { matrix, results, rules } = report;
  const examined = results.reduce((sum, result) => sum + result.examined, 0);
  const summary =
    `${count(rules.length, "rule")} over ${looked}, ${count(examined, "thing")} looked at: ` +
    `${verdict(matrix)}\n`;
  const asked = json ? "json" : format;
  const text = asked === "table" ? findingsTable(report) + summary : formatAudit(report, asked);
  if (out === undefined) {
    terminal.out(text);
  } else {
    writeReport(out, text);
    terminal.out(`${out}: ${summary}`);
  }
  if (matrix.outcome === "violation") finish(EXIT.failed);
}

function writeReport(path: string, text: string): void {
  try {
    writeFileAtomic(path, text);
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new UsageError("audit", [{ path, message: `cannot be written (${code})` }]);
  }
}

/** Waivers end with a day in UTC, so a report of the same day is the same report. */
function dayOf(date: Date): Date {
  return new Date(date.toISOString().slice(0, 10));
}

function verdict({ outcome, clusters }: PolicyMatrix): string {
  const findings = clusters.reduce((sum, cluster) => sum + cluster.findings.length, 0);
  if (outcome === "violation") return count(findings, "violation");
  return outcome === "pass" ? "no violation" : "no rule applies, which is no pass";
}
