import type { RuleResult } from "../policy/evaluation/evaluate";
import type { AnyRule } from "../policy/evaluation/rule";
import type { MatrixFinding, PolicyMatrix } from "../policy/matrix";
import type { Lines } from "../support/lines";

/** What programs read of an audit. */
export const AUDIT_FORMATS = ["json", "sarif", "junit", "oscal"] as const;
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

/** What stands in the place of a file's name for what came in through a pipe. */
export const STANDARD_INPUT = "standard input";

/** Where in a file something stands. */
export interface FilePlace extends Lines {
  /** Relative to the working directory, or absolute, with the system's separators; {@link STANDARD_INPUT}. */
  readonly file: string;
}

/** What an audit came to, for whoever writes it down. Same report, same bytes. */
export interface AuditReport {
  readonly matrix: PolicyMatrix;
  /** The rules that were evaluated. */
  readonly rules: readonly AnyRule[];
  /** What each of them did on each scope. */
  readonly results: readonly RuleResult[];
  /** The files that were read; empty for a live cluster. */
  readonly files: readonly string[];
  /**
   * Where a finding's object stands, the most likely place first; more than one where several objects
   * have one name, none where it is in no file.
   */
  readonly placesOf: (finding: PlacedFinding) => readonly FilePlace[];
  /** When it was made. A day is enough: waivers end with one. */
  readonly date: Date;
  /** Of this library. */
  readonly version: string;
}

/** A finding with its cluster, in the matrix's order. */
export interface PlacedFinding extends MatrixFinding {
  readonly cluster: string;
}

/** Every finding of every cluster, waived ones among them. */
export function findingsOf({ matrix }: AuditReport): readonly PlacedFinding[] {
  return matrix.clusters.flatMap(({ cluster, findings }) =>
    findings.map((finding) => ({ cluster, ...finding })),
  );
}

/** `docs/rules.md#p1-net-1`: the rule's section on the page of all rules. */
export function rulePage(id: string): string {
  return `docs/rules.md#${id.toLowerCase()}`;
}

/** `Why it is so, owner, until 2027-01-31`: what a waiver says for itself. */
export function waiverText({ waiver }: MatrixFinding): string | undefined {
  if (waiver === undefined) return undefined;
  return `${waiver.reason} (owner: ${waiver.owner}, expires: ${waiver.expires})`;
}
