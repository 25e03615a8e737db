import type { ResourceGraph, Scope } from "./graph";
import { MalformedError } from "./read";
import type { AnyRule, PolicyId, Report, Severity, Subject } from "./rule";
import { UndecidedError } from "./unknown";

/** Why a finding stands: a rule said so, a value was not known or not readable, or the rule itself failed. */
export type FindingCause = "violation" | "undecided" | "error";

/** One row of an audit. Every cause counts as a violation. */
export interface Finding {
  readonly rule: string;
  readonly policy: PolicyId;
  readonly severity: Severity;
  readonly cause: FindingCause;
  readonly scope: Scope;
  readonly object: string;
  /** Full path inside the object; empty for the whole of it. */
  readonly field: string;
  readonly message: string;
  readonly remediation: string;
}

/** What one rule did on one scope. */
export interface RuleResult {
  readonly rule: string;
  readonly scope: Scope;
  /** How many subjects were looked at. */
  readonly examined: number;
  readonly findings: readonly Finding[];
}

/**
 * Runs rules over a graph. A rule has one result for each scope in which it found a subject; a
 * scope without one is not applicable. A rule that throws while it enumerates is a finding on
 * every cluster of the graph, because nobody knows what it would have looked at.
 */
export function evaluate(graph: ResourceGraph, rules: readonly AnyRule[]): RuleResult[] {
  return rules.flatMap((rule) => evaluateRule(graph, rule));
}

/** Every finding of some rules over a graph; none means that all of them hold. */
export function violationsOf(graph: ResourceGraph, rules: readonly AnyRule[]): Finding[] {
  return evaluate(graph, rules).flatMap(({ findings }) => findings);
}

function evaluateRule(graph: ResourceGraph, rule: AnyRule): RuleResult[] {
  const results = new ResultsByScope(rule);
  try {
    for (const subject of rule.subjects(graph)) decide(rule, subject, graph, results);
  } catch (error) {
    for (const cluster of clustersOf(graph)) {
      const scope = { cluster };
      const subject = { scope, object: `cluster ${cluster}`, field: "" };
      results.of(scope).findings.push(failed(rule, subject, error));
    }
  }
  return results.all;
}

interface GrowingResult extends RuleResult {
  examined: number;
  readonly findings: Finding[];
}

/** What one rule comes to, scope by scope, in the order in which they come up. */
class ResultsByScope {
  readonly all: GrowingResult[] = [];
  #last: GrowingResult | undefined;
  readonly #byCluster = new Map<string, Map<unknown, GrowingResult>>();

  constructor(private readonly rule: AnyRule) {}

  of(scope: Scope): GrowingResult {
    // Subjects of one scope mostly come one after the other.
    if (this.#last?.scope === scope) return this.#last;
    const byTenant = this.#byCluster.get(scope.cluster) ?? new Map<unknown, GrowingResult>();
    this.#byCluster.set(scope.cluster, byTenant);
    let result = byTenant.get(scope.tenant);
    if (!result) {
      result = { rule: this.rule.id, scope, examined: 0, findings: [] };
      byTenant.set(scope.tenant, result);
      this.all.push(result);
    }
    return (this.#last = result);
  }
}

/** All clusters that the graph speaks of; at least one, so that no failure gets lost. */
function clustersOf(graph: ResourceGraph): Iterable<string> {
  const nodes = [...graph.tenants, ...graph.objects, ...graph.charts, ...graph.playbooks];
  const clusters = new Set([...graph.clusters, ...nodes.map(({ scope }) => scope.cluster)]);
  return clusters.size > 0 ? clusters : ["unknown"];
}

/** Decides on one subject, alone: what happens to it happens to no other. */
function decide(
  rule: AnyRule,
  subject: Subject,
  graph: ResourceGraph,
  results: ResultsByScope,
): void {
  const result = results.of(subject.scope);
  result.examined += 1;
  const report: Report = (field, message) => {
    result.findings.push(finding(rule, subject, "violation", subject.field + field, message));
  };
  try {
    if (subject.failure !== undefined) throw subject.failure;
    const answer: unknown = rule.check(subject as never, report, graph);
    // A check that answers later, or on demand, has decided nothing.
    if (answer !== undefined) throw new TypeError("the check answered instead of reporting");
  } catch (error) {
    // What was found before the failure stays.
    result.findings.push(failed(rule, subject, error));
  }
}

function failed(rule: AnyRule, subject: Subject, error: unknown): Finding {
  if (error instanceof UndecidedError) {
    return finding(rule, subject, "undecided", error.field, `cannot be decided: ${error.message}`);
  }
  if (error instanceof MalformedError) {
    const field = subject.field + error.field;
    return finding(rule, subject, "undecided", field, `cannot be decided: it ${error.message}`);
  }
  // The error's own text may hold a value of the object; its class is enough to find the rule's bug.
  const kind = error instanceof Error ? error.name : typeof error;
  return finding(rule, subject, "error", subject.field, `the rule failed (${kind})`);
}

function finding(
  { id, policy, severity, remediation }: AnyRule,
  { scope, object }: Subject,
  cause: FindingCause,
  field: string,
  message: string,
): Finding {
  const place = field.replace(/^\./, "");
  return { rule: id, policy, severity, cause, scope, object, field: place, message, remediation };
}
