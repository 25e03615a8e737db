import { withoutSecrets } from "../../support/secret-text";
import { scopeKey } from "../graph/graph";
import type { ResourceGraph, Scope } from "../graph/graph";
import type { Home } from "../graph/home";
import { MalformedError } from "../reading/read";
import { UndecidedError } from "../reading/unknown";
import type { AnyRule, LookUp, PolicyId, Report, Severity, Subject } from "./rule";

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

/** What one rule comes to in one scope. Most have no finding and keep no list of their own. */
class ScopeResult implements RuleResult {
  examined = 0;
  findings: readonly Finding[] = NO_FINDINGS;

  constructor(
    readonly rule: string,
    readonly scope: Scope,
  ) {}

  add(finding: Finding): void {
    if (this.findings === NO_FINDINGS) this.findings = [finding];
    else (this.findings as Finding[]).push(finding);
  }
}

const NO_FINDINGS: readonly Finding[] = Object.freeze([]);

/** Numbers scopes, so that all rules find theirs fast: those of one name have the same number. */
export class ScopeNumbers {
  // Subjects of one scope mostly share it, which is found faster than its names.
  readonly #byScope = new Map<Scope, number>();
  readonly #byKey = new Map<string, number>();

  of(scope: Scope): number {
    let number = this.#byScope.get(scope);
    if (number === undefined) {
      const key = scopeKey(scope);
      number = this.#byKey.get(key) ?? this.#byKey.size;
      this.#byKey.set(key, number);
      this.#byScope.set(scope, number);
    }
    return number;
  }
}

/** What one rule comes to, scope by scope, in the order in which they come up. */
class ResultsByScope {
  readonly all: ScopeResult[] = [];
  #last: ScopeResult | undefined;
  readonly #byNumber: (ScopeResult | undefined)[] = [];

  constructor(
    private readonly rule: AnyRule,
    private readonly numbers: ScopeNumbers,
  ) {}

  of(scope: Scope): ScopeResult {
    // Subjects of one scope mostly come one after the other.
    if (this.#last?.scope === scope) return this.#last;
    const number = this.numbers.of(scope);
    let result = this.#byNumber[number];
    if (result === undefined) {
      this.#byNumber[number] = result = new ScopeResult(this.rule.id, scope);
      this.all.push(result);
    }
    return (this.#last = result);
  }
}

/** One rule at work: it decides on one subject after the other. */
export class Verdict {
  /** What it has come to so far. */
  results: ResultsByScope;
  readonly #lookUps: readonly LookUp<Subject>[];
  #subject: Subject | undefined;
  /** Clusters of which it was told that nobody knows what to look at, each with the cause. */
  readonly #failed = new Set<string>();

  constructor(
    readonly rule: AnyRule,
    private readonly graph: ResourceGraph,
    private readonly numbers: ScopeNumbers,
  ) {
    this.results = new ResultsByScope(rule, numbers);
    const { inHome = [] } = rule;
    this.#lookUps = typeof inHome === "function" ? [inHome] : inHome;
  }

  /** What it has come to since it was last asked. */
  take(): readonly RuleResult[] {
    const { all } = this.results;
    this.results = new ResultsByScope(this.rule, this.numbers);
    this.#failed.clear();
    return all;
  }

  /** Decides on what is looked up over the whole graph: facts, mostly. */
  decideOverall(): void {
    try {
      if (this.rule.subjects === undefined) {
        if (this.rule.inHome === undefined) throw new TypeError("the rule names no subjects");
        return;
      }
      for (const subject of this.rule.subjects(this.graph)) this.#decide(subject);
    } catch (error) {
      for (const cluster of clustersOf(this.graph)) this.#failOn(cluster, error);
    }
  }

  decideInAll(homes: readonly Home[]): void {
    for (let index = 0; index < homes.length; index += 1) this.decideIn(homes[index]!);
  }

  decideIn(home: Home): void {
    for (let index = 0; index < this.#lookUps.length; index += 1) {
      try {
        this.#decideAll(this.#lookUps[index]!(home, this.graph));
      } catch (error) {
        this.#failOn(home.cluster, error);
      }
    }
  }

  // Millions are decided in a second: an iterator would make an object for each.
  #decideAll(subjects: readonly Subject[]): void {
    for (let index = 0; index < subjects.length; index += 1) this.#decide(subjects[index]!);
  }

  /** Nobody knows what the rule would have looked at. */
  #failOn(cluster: string, error: unknown): void {
    const subject = { scope: { cluster }, object: `cluster ${cluster}`, field: "" };
    const told = failed(this.rule, subject, error);
    const key = `${cluster}\n${told.cause}`;
    if (this.#failed.has(key)) return;
    this.#failed.add(key);
    this.results.of(told.scope).add(told);
  }

  /** Decides on one subject, alone: what happens to it happens to no other. */
  #decide(subject: Subject): void {
    this.results.of(subject.scope).examined += 1;
    this.#subject = subject;
    try {
      if (subject.failure !== undefined) throw subject.failure;
      const answer: unknown = this.rule.check(subject as never, this.#report, this.graph);
      // A check that answers later, or on demand, has decided nothing.
      if (answer !== undefined) throw new TypeError("the check answered instead of reporting");
    } catch (error) {
      // What was found before the failure stays.
      this.#fail(subject, error);
    }
  }

  #fail(subject: Subject, error: unknown): void {
    this.results.of(subject.scope).add(failed(this.rule, subject, error));
  }

  /** The same for every subject: to make one each takes longer than most checks. */
  readonly #report: Report = (field, message) => {
    const subject = this.#subject!;
    const found = finding(this.rule, subject, "violation", subject.field + field, message);
    this.results.of(subject.scope).add(found);
  };
}

/** All clusters that the graph speaks of; at least one, so that no failure gets lost. */
function clustersOf(graph: ResourceGraph): Iterable<string> {
  const nodes = [...graph.tenants, ...graph.objects, ...graph.charts, ...graph.playbooks];
  const clusters = new Set([...graph.clusters, ...nodes.map(({ scope }) => scope.cluster)]);
  return clusters.size > 0 ? clusters : ["unknown"];
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
  // What rules quote bears no secret any more; names that they repeat as they are, may.
  const place = withoutSecrets(field.replace(/^\./, ""));
  const told = withoutSecrets(message);
  return {
    rule: id,
    policy,
    severity,
    cause,
    scope,
    object,
    field: place,
    message: told,
    remediation,
  };
}
