import type { ResourceGraph } from "../graph/graph";
import { homes } from "../graph/homes";
import type { AnyRule } from "./rule";
import { ScopeNumbers, Verdict } from "./verdict";
import type { Finding, RuleResult } from "./verdict";

export type { Finding, FindingCause, RuleResult } from "./verdict";

/**
 * Runs rules over a graph. A rule has one result for each scope in which it found a subject; a
 * scope without one is not applicable. A rule that throws while it enumerates is a finding on the
 * cluster that it was asked for, because nobody knows what it would have looked at.
 */
export function evaluate(graph: ResourceGraph, rules: readonly AnyRule[]): RuleResult[] {
  const numbers = new ScopeNumbers();
  const verdicts = rules.map((rule) => new Verdict(rule, graph, numbers));
  const within = verdicts.filter(({ rule }) => rule.inHome !== undefined);
  const { all } = homes(graph);
  for (let first = 0; first < all.length; first += AT_ONCE) {
    const some = all.slice(first, first + AT_ONCE);
    within.forEach((verdict) => verdict.decideInAll(some));
  }
  for (const verdict of verdicts) verdict.decideOverall();
  return verdicts.flatMap(({ results }) => results.all);
}

/**
 * Namespaces that one rule looks at before the next does: few enough that their objects stay in the
 * processor's cache for all rules, and enough that a rule's code does for all of them.
 */
const AT_ONCE = 64;

/** Every finding of some rules over a graph; none means that all of them hold. */
export function violationsOf(graph: ResourceGraph, rules: readonly AnyRule[]): Finding[] {
  return evaluate(graph, rules).flatMap(({ findings }) => findings);
}
