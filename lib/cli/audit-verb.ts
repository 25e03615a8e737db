import { resolve } from "node:path";
import { readFleet } from "../fleet/read-fleet";
import type { KubernetesObject } from "../kubernetes/object";
import { evaluate } from "../policy/evaluation/evaluate";
import { graphFromClusters } from "../policy/graph/graph-from-manifests";
import { policyMatrix } from "../policy/matrix";
import type { PolicyMatrix } from "../policy/matrix";
import { ALL_RULES } from "../policy/rules";
import { waiverName } from "../policy/waiver";
import { formatAudit } from "../report/audit-format";
import type { AuditFormat, AuditReport } from "../report/audit-report";
import { findingsTable } from "../report/audit-table";
import { count } from "../report/markdown";
import { writeFileAtomic } from "../support/atomic-file";
import { systemClock } from "../support/clock";
import { oneLine } from "../support/one-line";
import { UsageError } from "../support/problem";
import { packageVersions } from "../support/versions";
import { clustersByFolder, clustersHints, takenForClusters } from "./audit-clusters";
import { nameOf, placeFindings, placeObjects } from "./audit-places";
import { auditedDocuments, NO_OBJECT } from "./audited-documents";
import type { CommandContext } from "./command-context";
import { namesOf, readManifestFiles } from "./manifest-files";
import type { ManifestFileText } from "./manifest-files";
import { EXIT } from "./terminal";

export interface AuditOptions {
  /** Its name in the report. @default "default" */
  readonly cluster?: string;
  /** Whether each folder in the paths is a cluster of its own. */
  readonly clusterPerFolder?: true;
  readonly format: AuditFormat | "table";
  /** The same as the format json. */
  readonly json?: true;
  /** A file to write instead of standard output. */
  readonly out?: string;
  /** A fleet file: its waivers hold. @default no waivers */
  readonly fleet?: string;
}

/** Decides P1 to P7 over manifests from files, folders and standard input. */
export async function auditManifests(
  context: CommandContext,
  paths: readonly string[],
  options: AuditOptions,
): Promise<void> {
  const waivers =
    options.fleet === undefined
      ? []
      : (readFleet(options.fleet, context.terminal.environment).fleet.waivers ?? []);
  const named = await readManifestFiles(paths, options.clusterPerFolder);
  keepInputs(named, options.out);
  const clusters = options.clusterPerFolder
    ? clustersByFolder(named)
    : [{ cluster: options.cluster ?? "default", files: named }];
  const read = clusters.map((own) => ({ cluster: own.cluster, ...auditedDocuments(own.files) }));
  const documents = read.flatMap((own) => own.documents);
  const files = read.flatMap((own) => own.files);
  const passedOver = read.flatMap((own) => own.passedOver);
  const graph = graphFromClusters(
    read.map((own) => ({
      cluster: own.cluster,
      documents: own.documents.map(({ value }) => value),
    })),
    { plain: true },
  );
  if (graph.objects.length === 0 && passedOver.length === 0) {
    throw refused(paths, "holds no Kubernetes object, so there is nothing to check");
  }
  if (graph.objects.length > MOST_OBJECTS) {
    throw refused(paths, `holds over ${MOST_OBJECTS} objects`);
  }
  if (!graph.objects.some(({ object }) => isTyped(object))) throw refused(paths, NO_OBJECT);
  const objects = placeObjects(documents, graph);
  const results = evaluate(graph, ALL_RULES);
  const date = systemClock.now();
  const matrix = policyMatrix(graph, results, waivers, date);
  const report: AuditOutcome = {
    matrix,
    results,
    files: files.map(({ path }) => nameOf(path)),
    placesOf: placeFindings(objects, matrix),
    date: dayOf(date),
  };
  const looked = `${count(graph.objects.length, "object")} in ${count(files.length, "file")}`;
  printAudit(context, report, looked, options);
  if (passedOver.length > 0) context.terminal.error(passedOverText(passedOver));
  const hints = options.clusterPerFolder
    ? takenForClusters(clusters, objects)
    : clustersHints(files, objects);
  for (const hint of hints) context.terminal.error(`${hint}\n`);
}

/** Four times what a thousand tenants come to. */
const MOST_OBJECTS = 100_000;

/** @throws UsageError where the report would take the place of what it is about. */
function keepInputs(files: readonly ManifestFileText[], out: string | undefined): void {
  if (out === undefined || !files.some(({ path }) => resolve(path) === resolve(out))) return;
  const message = "is one of the files to audit; the report would replace it";
  throw new UsageError("audit", [{ path: `--out ${out}`, message, mend: "name another file" }]);
}

/** Each by its name: whoever reads "no violation" has to know what it does not speak of. */
function passedOverText(files: readonly ManifestFileText[]): string {
  const heading = `${count(files.length, "file")} passed over, without kind and metadata no Kubernetes object:`;
  return [heading, ...files.map(({ path }) => `  ${oneLine(nameOf(path))}`), ""].join("\n");
}

/** Whether it says what it is. Values and error messages, piped by mistake, do not. */
function isTyped(object: Partial<KubernetesObject>): boolean {
  return typeof object.apiVersion === "string" && typeof object.kind === "string";
}

function refused(paths: readonly string[], message: string): UsageError {
  return new UsageError("audit", [{ path: namesOf(paths), message }]);
}

/** What an audit came to, whichever way it looked. */
export type AuditOutcome = Omit<AuditReport, "rules" | "version">;

/**
 * Prints an audit, or writes it into a file, and fails for a violation. Waivers that lift nothing are told
 * on standard error, in every format.
 *
 * @param looked what the rules looked over: `12 objects in 1 file`.
 */
export function printAudit(
  { terminal, finish }: CommandContext,
  outcome: AuditOutcome,
  looked: string,
  { format, json, out }: Omit<AuditOptions, "cluster">,
): void {
  const version = packageVersions()["atom-selfhost"] ?? "unknown";
  const report: AuditReport = { ...outcome, rules: ALL_RULES, version };
  const { matrix } = report;
  const summary = `${looked}, ${examinedText(report)}: ${verdict(matrix)}\n`;
  const asked = json ? "json" : format;
  const text = asked === "table" ? findingsTable(report) + summary : formatAudit(report, asked);
  if (out === undefined) {
    terminal.out(text);
  } else {
    writeReport(out, text);
    terminal.out(`${out}: ${summary}`);
  }
  for (const line of waiverLines(matrix)) terminal.error(`${line}\n`);
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

/** `3 of 76 rules had something to look at (12 things)`: a rule without a subject did not pass. */
function examinedText({ rules, results }: AuditReport): string {
  const examined = results.reduce((sum, result) => sum + result.examined, 0);
  const applied = new Set(results.filter((result) => result.examined > 0).map(({ rule }) => rule));
  const of = `${applied.size} of ${count(rules.length, "rule")}`;
  return `${of} had something to look at (${count(examined, "thing")})`;
}

function verdict({ outcome, clusters }: PolicyMatrix): string {
  const findings = clusters.flatMap((cluster) => cluster.findings);
  const waived = findings.filter(({ waiver }) => waiver !== undefined).length;
  const lifted = waived === 0 ? "" : `, ${waived} waived`;
  if (outcome === "violation") return count(findings.length - waived, "violation") + lifted;
  return outcome === "pass" ? `no violation${lifted}` : "no rule applies, which is no pass";
}

function waiverLines({ waivers: { expired, unused } }: PolicyMatrix): readonly string[] {
  return [
    ...expired.map((waiver) => `${waiverName(waiver)} expired on ${waiver.expires}`),
    ...unused.map((waiver) => `${waiverName(waiver)} lifts nothing here`),
  ];
}
