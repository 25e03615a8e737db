import { setImmediate } from "node:timers/promises";
import type { PolicyMatrix } from "../policy/matrix";
import { ALL_RULES } from "../policy/rules";
import { waiverName } from "../policy/waiver";
import { formatAudit } from "../report/audit-format";
import type { AuditFormat, AuditReport } from "../report/audit-report";
import { findingsTable } from "../report/audit-table";
import { count } from "../report/markdown";
import { writeFileAtomic } from "../support/atomic-file";
import { packageVersions } from "../support/versions";
import type { CommandContext } from "./command-context";
import { EXIT } from "./terminal";

/** How an audit is printed. */
export interface PrintOptions {
  readonly format: AuditFormat | "table";
  /** The same as the format json. */
  readonly json?: true;
  /** A file to write instead of standard output. */
  readonly out?: string;
}

/** What an audit came to, whichever way it looked. */
export type AuditOutcome = Omit<AuditReport, "rules" | "version">;

/**
 * Prints an audit, or writes it into a file, and fails for a violation. Waivers that lift nothing are told
 * on standard error, in every format. Between its pieces a signal is heard: a terminal may take a minute.
 *
 * @param looked what the rules looked over: `12 objects in 1 file`.
 */
export async function printAudit(
  { terminal, finish }: CommandContext,
  outcome: AuditOutcome,
  looked: string,
  { format, json, out }: PrintOptions,
): Promise<void> {
  const version = packageVersions()["atom-selfhost"] ?? "unknown";
  const report: AuditReport = { ...outcome, rules: ALL_RULES, version };
  const { matrix } = report;
  const summary = `${looked}, ${examinedText(report)}: ${verdict(matrix)}\n`;
  const asked = json ? "json" : format;
  const text = asked === "table" ? withTable(report, summary) : formatAudit(report, asked);
  if (out === undefined) {
    for (const piece of bigger(text)) {
      terminal.out(piece);
      await terminal.flushed?.();
      await setImmediate();
    }
  } else {
    writeFileAtomic(out, bigger(text));
    terminal.out(`${out}: ${summary}`);
  }
  for (const line of waiverLines(matrix)) terminal.error(`${line}\n`);
  if (matrix.outcome === "violation") finish(EXIT.failed);
}

function* withTable(report: AuditReport, summary: string): Generator<string> {
  yield* findingsTable(report);
  yield summary;
}

/** Characters that are written at once. */
const AT_ONCE = 2 ** 16;

/** Few pieces of many: each one costs a call of the system. */
function* bigger(pieces: Iterable<string>): Generator<string> {
  let gathered = "";
  for (const piece of pieces) {
    gathered += piece;
    if (gathered.length < AT_ONCE) continue;
    yield gathered;
    gathered = "";
  }
  if (gathered !== "") yield gathered;
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
