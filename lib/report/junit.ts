import type { RuleResult } from "../policy/evaluation/evaluate";
import { POLICIES, POLICY_TITLES } from "../policy/evaluation/rule";
import type { ClusterAudit, RuleCell } from "../policy/matrix";
import { byText } from "../policy/reading/shape";
import { groupBy } from "../support/group-by";
import { oneLine } from "../support/one-line";
import { findingsOf, rulePage, waiverText } from "./audit-report";
import type { AuditReport, PlacedFinding } from "./audit-report";
import { count } from "./markdown";
import { element, startTag, XML_HEADER, xmlText } from "./xml";

/**
 * An audit as JUnit XML, as Jenkins and GitLab read it: a suite for each policy on each cluster, in it a
 * test case for each rule and whose objects it looked at. Both programs tell test cases apart by their
 * names and show one failure of each, so all that a case found stands in one. The schema of Jenkins'
 * xUnit plugin (junit-10.xsd) has no attribute for a file, so that stands in the text. Nothing takes
 * time: the same audit gives the same bytes. It comes in pieces, a test case each.
 */
export function* junitPieces(report: AuditReport): Generator<string> {
  const cases = new TestCases(report);
  const suites = report.matrix.clusters.flatMap((cluster) =>
    POLICIES.map((policy) => ({
      name: `${cluster.cluster} ${policy}: ${POLICY_TITLES[policy]}`,
      cases: cluster.cells[policy].rules.flatMap((rule) => cases.of(cluster, rule)),
    })),
  );
  const { tests, failures, errors } = counts(suites.flatMap((suite) => suite.cases));
  const all = { name: "atom audit", tests, failures, errors, time: 0 };
  yield `${XML_HEADER}\n${startTag("testsuites", all)}\n`;
  for (const { name, cases } of suites) {
    const attributes = { name, ...counts(cases), time: 0 };
    if (cases.length === 0) {
      yield `${element("testsuite", attributes)}\n`;
      continue;
    }
    yield `${startTag("testsuite", attributes)}\n`;
    for (const { xml } of cases) yield `${xml()}\n`;
    yield "</testsuite>\n";
  }
  yield "</testsuites>\n";
}

type Outcome = "passed" | "failure" | "error" | "skipped";

interface TestCase {
  readonly outcome: Outcome;
  readonly xml: () => string;
}

class TestCases {
  readonly #report: AuditReport;
  readonly #results: ReadonlyMap<string, readonly RuleResult[]>;
  readonly #findings: ReadonlyMap<string, readonly PlacedFinding[]>;

  constructor(report: AuditReport) {
    this.#report = report;
    this.#results = groupBy(report.results, ({ rule, scope }) => `${rule}\n${scope.cluster}`);
    this.#findings = groupBy(findingsOf(report), ({ rule, cluster, tenant }) =>
      keyOf(rule, cluster, tenant),
    );
  }

  /** One case for everybody whose objects the rule looked at, the platform first. */
  of({ cluster }: ClusterAudit, rule: RuleCell): readonly TestCase[] {
    const results = this.#results.get(`${rule.id}\n${cluster}`) ?? [];
    if (results.length === 0) {
      const message = "not applicable: there is nothing to look at";
      return [testCase(cluster, rule, undefined, "skipped", () => element("skipped", { message }))];
    }
    return [...results]
      .sort((a, b) => byText(a.scope.tenant ?? "", b.scope.tenant ?? ""))
      .map((result) => this.#decided(cluster, rule, result));
  }

  #decided(cluster: string, rule: RuleCell, { scope, examined }: RuleResult): TestCase {
    const findings = this.#findings.get(keyOf(rule.id, cluster, scope.tenant)) ?? [];
    const standing = findings.filter(({ waiver }) => waiver === undefined);
    const waived = findings.filter(({ waiver }) => waiver !== undefined);
    const [first] = standing;
    const outcome = outcomeOf(standing, waived);
    const parts = () => [
      ...(first === undefined ? [] : [this.#failure(first, standing)]),
      ...(outcome === "skipped" ? [element("skipped", { message: waivedText(waived) })] : []),
      element("system-out", {}, xmlText(this.#looked(examined, waived))),
    ];
    return testCase(cluster, rule, scope.tenant, outcome, () => lines(parts()));
  }

  #failure(first: PlacedFinding, standing: readonly PlacedFinding[]): string {
    const more = standing.length === 1 ? "" : ` (and ${standing.length - 1} more)`;
    const message = oneLine(`${whereOf(first)}: ${first.message}`) + more;
    const body = standing.map((finding) => this.#line(finding));
    const name = outcomeOf(standing, []);
    return element(name, { message, type: first.cause }, xmlText(`\n${body.join("\n")}\n`));
  }

  /** A finding and how to mend it, as a log has it. */
  #line(finding: PlacedFinding): string {
    const [place] = this.#report.placesOf(finding);
    const at = place === undefined ? "" : `${place.file}:${place.first}: `;
    const { severity, message, remediation, rule } = finding;
    return (
      oneLine(`${at}${whereOf(finding)}: ${message} (${severity})`) +
      `\n    to mend it: ${oneLine(remediation)} (${rulePage(rule)})`
    );
  }

  #looked(examined: number, waived: readonly PlacedFinding[]): string {
    const lifted = waived.map((finding) => `waived: ${this.#line(finding)}\n`);
    return [`${count(examined, "thing")} looked at\n`, ...lifted].join("");
  }
}

function outcomeOf(standing: readonly PlacedFinding[], waived: readonly PlacedFinding[]): Outcome {
  if (standing.some(({ cause }) => cause === "error")) return "error";
  if (standing.length > 0) return "failure";
  return waived.length > 0 ? "skipped" : "passed";
}

function testCase(
  cluster: string,
  { id, title }: RuleCell,
  tenant: string | undefined,
  outcome: Outcome,
  inside: () => string,
): TestCase {
  const scope = tenant === undefined ? "" : ` [tenant ${tenant}]`;
  const attributes = {
    classname: oneLine(`${cluster}.${id}`),
    name: oneLine(`${id}${scope}: ${title}`),
    time: 0,
  };
  return { outcome, xml: () => element("testcase", attributes, inside()) };
}

function waivedText(waived: readonly PlacedFinding[]): string {
  const reasons = new Set(waived.map((finding) => waiverText(finding)));
  return oneLine(`waived: ${[...reasons].join("; ")}`);
}

function whereOf({ object, field }: PlacedFinding): string {
  return field === "" ? object : `${object} ${field}`;
}

function counts(cases: readonly TestCase[]) {
  const number = (outcome: Outcome) => cases.filter((each) => each.outcome === outcome).length;
  return {
    tests: cases.length,
    failures: number("failure"),
    errors: number("error"),
    skipped: number("skipped"),
  };
}

function keyOf(rule: string, cluster: string, tenant: string | undefined): string {
  return [rule, cluster, ...(tenant === undefined ? [] : [tenant])].join("\n");
}

function lines(parts: readonly string[]): string {
  return `\n${parts.join("\n")}\n`;
}
