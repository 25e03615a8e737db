import { isAbsolute, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { AnyRule, Severity } from "../policy/evaluation/rule";
import { hexOf, sha256 } from "../support/digest";
import { oneLine } from "../support/one-line";
import { findingsOf, rulePage, STANDARD_INPUT, waiverText } from "./audit-report";
import type { AuditReport, FilePlace, PlacedFinding } from "./audit-report";

const SCHEMA =
  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** SARIF knows three levels; code scanning reads the number (CVSS) for the fourth. */
const LEVELS: Readonly<Record<Severity, { readonly level: string; readonly score: string }>> = {
  critical: { level: "error", score: "9.5" },
  high: { level: "error", score: "8.0" },
  medium: { level: "warning", score: "5.5" },
  low: { level: "note", score: "2.0" },
};

/**
 * An audit as a SARIF 2.1.0 log (OASIS, errata 01), for code scanning: one run, one result a finding. A
 * waived finding is suppressed, not left out. The results are made while they are asked for, once.
 */
export function sarifLog(report: AuditReport): unknown {
  const results = new SarifResults(report);
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "atom audit",
            semanticVersion: report.version,
            rules: report.rules.map(descriptor),
          },
        },
        columnKind: "utf16CodeUnits",
        results: results.all(),
      },
    ],
  };
}

/**
 * A rule as its section on the page of all rules has it, but for the examples. There is no `helpUri`: it has to be
 * an absolute URI (section 3.49.12), and the page lies in the checkout.
 */
function descriptor({ id, policy, severity, title, why, remediation, source }: AnyRule) {
  const page = rulePage(id);
  const { level, score } = LEVELS[severity];
  return {
    id,
    shortDescription: { text: sentence(title) },
    fullDescription: { text: `${sentence(title)} Otherwise: ${sentence(why)}` },
    help: {
      text: `${sentence(remediation)} See ${page}; source: ${source}`,
      markdown: [
        markdown(sentence(title)),
        [
          `- **Severity:** ${severity}`,
          `- **Why:** ${markdown(sentence(why))}`,
          `- **How to mend it:** ${markdown(sentence(remediation))}`,
          `- **Source:** ${markdown(source)}`,
          `- **Examples:** \`${page}\``,
        ].join("\n"),
      ].join("\n\n"),
    },
    defaultConfiguration: { level },
    properties: { "security-severity": score, tags: ["security", policy] },
  };
}

/** Makes results one by one: what tells them apart takes what came before. */
class SarifResults {
  readonly #report: AuditReport;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #seen = new Map<string, number>();

  constructor(report: AuditReport) {
    this.#report = report;
    this.#indexes = new Map(report.rules.map(({ id }, index) => [id, index]));
  }

  *all() {
    for (const finding of findingsOf(this.#report)) yield this.#of(finding);
  }

  #of(finding: PlacedFinding) {
    const { rule, severity, cause, cluster, tenant, message, remediation } = finding;
    const [place, ...others] = this.#report.placesOf(finding);
    const waiver = waiverText(finding);
    return {
      ruleId: rule,
      ruleIndex: this.#indexes.get(rule) ?? -1,
      level: LEVELS[severity].level,
      message: {
        text: oneLine(`${subjectOf(finding)}: ${message}. To mend it: ${remediation}.`),
      },
      locations: [{ ...this.#physical(place), logicalLocations: logicalLocations(finding) }],
      ...(others.length === 0 ? {} : { relatedLocations: others.map(relatedLocation) }),
      partialFingerprints: this.#fingerprints(finding),
      suppressions:
        waiver === undefined
          ? []
          : [{ kind: "external", status: "accepted", justification: oneLine(waiver) }],
      properties: { cause, cluster, ...(tenant === undefined ? {} : { tenant }) },
    };
  }

  /** Code scanning takes no result without a file: one that is in none stands at the first file's top. */
  #physical(place: FilePlace | undefined): object {
    if (place !== undefined) return { physicalLocation: physicalLocation(place) };
    const [file] = this.#report.files;
    return file === undefined
      ? {}
      : { physicalLocation: physicalLocation({ file, first: 1, last: 1 }) };
  }

  /** By what is found where, so that a finding that moves to other lines is the same one. */
  #fingerprints({ cluster, rule, object, field }: PlacedFinding) {
    const what = hexOf(sha256([cluster, rule, object, field].join("\n"))).slice(0, 32);
    const which = (this.#seen.get(what) ?? 0) + 1;
    this.#seen.set(what, which);
    const fingerprint = `${what}:${which}`;
    // The second is the only one that code scanning reads; without it, it hashes the line's text.
    return { "atomFinding/v1": fingerprint, primaryLocationLineHash: fingerprint };
  }
}

function subjectOf({ object, field }: PlacedFinding): string {
  return field === "" ? object : `${object} ${field}`;
}

function logicalLocations({ cluster, object, field }: PlacedFinding) {
  const name = oneLine(object);
  const inside = oneLine(field);
  const location = { name, fullyQualifiedName: oneLine(`${cluster}/${object}`), kind: "resource" };
  if (inside === "") return [location];
  const member = `${location.fullyQualifiedName}/${inside}`;
  return [{ name: inside, fullyQualifiedName: member, kind: "member" }, location];
}

function physicalLocation({ file, first, last }: FilePlace) {
  return {
    artifactLocation: artifactLocation(file),
    region: { startLine: first, endLine: last },
  };
}

function relatedLocation(place: FilePlace, index: number) {
  return {
    id: index + 1,
    physicalLocation: physicalLocation(place),
    message: { text: "another object of the same name" },
  };
}

/** Standard input lies below no folder, so it has no base; code scanning asks for some URI all the same. */
function artifactLocation(file: string): object {
  if (file === STANDARD_INPUT) return { uri: "stdin", description: { text: STANDARD_INPUT } };
  if (isAbsolute(file)) return { uri: pathToFileURL(file).href };
  const uri = file.split(sep).map(encodeURIComponent).join("/");
  return { uri, uriBaseId: "%SRCROOT%" };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Text that Markdown shows as it is. */
function markdown(text: string): string {
  return text.replace(/[\\*_<>`[\]|]/g, "\\$&");
}
