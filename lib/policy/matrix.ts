import type { FindingCause, RuleResult } from "./evaluation/evaluate";
import type { AnyRule, PolicyId, Severity } from "./evaluation/rule";
import { POLICIES } from "./evaluation/rule";
import type { ResourceGraph } from "./graph/graph";
import { byText } from "./reading/shape";
import { ALL_RULES } from "./rules";
import type { JudgedFinding, JudgedResult, Waiver } from "./waiver";
import { applyWaivers } from "./waiver";

/** A rule without a subject is not applicable: what nobody looked at did not pass. */
export type Outcome = "pass" | "violation" | "not applicable";

/** What one rule came to on one cluster. */
export interface RuleCell {
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** Subjects looked at. */
  readonly examined: number;
  /** Findings that stand. */
  readonly violations: number;
  /** Findings that a waiver lifts. */
  readonly waived: number;
}

export interface PolicyCell {
  readonly outcome: Outcome;
  readonly rules: readonly RuleCell[];
}

/** One row of the audit: plain JSON. */
export interface MatrixFinding {
  readonly rule: string;
  readonly policy: PolicyId;
  readonly severity: Severity;
  readonly cause: FindingCause;
  /** Absent for the platform's own. */
  readonly tenant?: string;
  readonly object: string;
  readonly field: string;
  readonly message: string;
  readonly remediation: string;
  /** Present if the finding is lifted. */
  readonly waiver?: Waiver;
}

export interface ClusterAudit {
  readonly cluster: string;
  readonly outcome: Outcome;
  readonly cells: Readonly<Record<PolicyId, PolicyCell>>;
  readonly findings: readonly MatrixFinding[];
}

/** P1 to P7 over clusters: the file `selfhost_policy_audit.json`. */
export interface PolicyMatrix {
  readonly version: 1;
  readonly outcome: Outcome;
  readonly clusters: readonly ClusterAudit[];
  readonly waivers: { readonly expired: readonly Waiver[]; readonly unused: readonly Waiver[] };
}

/**
 * Sorts what an evaluation found into P1 to P7, cluster by cluster. Same inputs, same bytes: order
 * depends on nothing but names.
 *
 * @param now decides which waivers have expired.
 * @param rules the rules that were evaluated.
 * @default rules - {@link ALL_RULES}
 */
export function policyMatrix(
  graph: ResourceGraph,
  results: readonly RuleResult[],
  waivers: readonly Waiver[],
  now: Date,
  rules: readonly AnyRule[] = ALL_RULES,
): PolicyMatrix {
  const judged = applyWaivers(results, waivers, now);
  const byCluster = groupByCluster(graph, judged.results);
  const clusters = [...byCluster.keys()]
    .sort(byText)
    .map((cluster) => auditOf(cluster, byCluster.get(cluster)!, rules));
  return {
    version: 1,
    outcome: worst(clusters),
    clusters,
    waivers: { expired: sortedWaivers(judged.expired), unused: sortedWaivers(judged.unused) },
  };
}

/** Every cluster that the graph names or that a result speaks of. */
function groupByCluster(
  graph: ResourceGraph,
  results: readonly JudgedResult[],
): Map<string, JudgedResult[]> {
  const groups = new Map<string, JudgedResult[]>(graph.clusters.map((name) => [name, []]));
  for (const result of results) {
    const group = groups.get(result.scope.cluster);
    if (group) group.push(result);
    else groups.set(result.scope.cluster, [result]);
  }
  return groups;
}

function auditOf(
  cluster: string,
  results: readonly JudgedResult[],
  rules: readonly AnyRule[],
): ClusterAudit {
  const cells = {} as Record<PolicyId, PolicyCell>;
  for (const policy of POLICIES) {
    const own = rules.filter((rule) => rule.policy === policy);
    const rows = own.map((rule) => ruleCell(rule, results));
    cells[policy] = { outcome: worst(rows), rules: rows };
  }
  const findings = results.flatMap((result) => result.findings.map(matrixFinding));
  return {
    cluster,
    outcome: worst(Object.values(cells)),
    cells,
    findings: findings.sort((a, b) => byText(sortKey(a), sortKey(b))),
  };
}

function ruleCell({ id, title }: AnyRule, results: readonly JudgedResult[]): RuleCell {
  const own = results.filter((result) => result.rule === id);
  const findings = own.flatMap((result) => result.findings);
  const examined = own.reduce((sum, result) => sum + result.examined, 0);
  const waived = findings.filter((finding) => finding.waiver !== undefined).length;
  const violations = findings.length - waived;
  const outcome = violations > 0 ? "violation" : examined > 0 ? "pass" : "not applicable";
  return { id, title, outcome, examined, violations, waived };
}

/** A violation anywhere is one of the whole; a pass needs something that was looked at. */
function worst(parts: readonly { readonly outcome: Outcome }[]): Outcome {
  const found = new Set(parts.map(({ outcome }) => outcome));
  if (found.has("violation")) return "violation";
  return found.has("pass") ? "pass" : "not applicable";
}

function matrixFinding({ scope, waiver, ...finding }: JudgedFinding): MatrixFinding {
  const { rule, policy, severity, cause, object, field, message, remediation } = finding;
  return {
    rule,
    policy,
    severity,
    cause,
    ...(scope.tenant === undefined ? {} : { tenant: scope.tenant }),
    object,
    field,
    message,
    remediation,
    ...(waiver === undefined ? {} : { waiver }),
  };
}

function sortKey({ rule, object, field, message }: MatrixFinding): string {
  return [rule, object, field, message].join("\n");
}

function sortedWaivers(waivers: readonly Waiver[]): readonly Waiver[] {
  const key = (waiver: Waiver) => [waiver.rule, waiver.object, waiver.expires].join("\n");
  return [...waivers].sort((a, b) => byText(key(a), key(b)));
}
