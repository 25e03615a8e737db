import { expect } from "vitest";
import type { Finding } from "../../lib/policy/evaluation/evaluate";
import { evaluate } from "../../lib/policy/evaluation/evaluate";
import type { AnyRule } from "../../lib/policy/evaluation/rule";
import type { ResourceGraph, Scope } from "../../lib/policy/graph/graph";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { P2_TO_P7_RULES } from "../../lib/policy/rules/p2-p7";
import { ACME } from "./compliant-facts";
import { graphWith } from "./small-objects";

/** What a test expects of one finding; the rest stands in the rule. */
export interface Expected {
  readonly object: string;
  readonly field?: string;
  readonly message: string;
  readonly cause?: Finding["cause"];
  /** @default the tenant's */
  readonly scope?: Scope;
}

/** That a rule has something to look at in the compliant graph, and nothing to find. */
export function expectPass(rule: AnyRule, examined: readonly { scope: Scope; examined: number }[]) {
  const results = evaluate(graphWith(), [rule]);
  expect(results).toEqual(examined.map((row) => ({ rule: rule.id, ...row, findings: [] })));
}

/** That exactly these findings come of one rule, and none of any other of P2 to P7. */
export function expectFindings(graph: ResourceGraph, rule: AnyRule, expected: readonly Expected[]) {
  const { id, policy, severity, remediation } = rule;
  expect(evaluate(graph, P2_TO_P7_RULES).flatMap(({ findings }) => findings)).toEqual(
    expected.map(({ object, field = "", message, cause = "violation", scope = ACME }) => {
      return { rule: id, policy, severity, cause, scope, object, field, message, remediation };
    }),
  );
}

/** What one rule finds, whatever the others say. */
export function findingsOf(graph: ResourceGraph, rule: AnyRule): Finding[] {
  return evaluate(graph, [rule]).flatMap(({ findings }) => findings);
}

/** What may stand where a rule expects something else. */
export const HOSTILE: readonly unknown[] = [
  null,
  "text",
  -1,
  Number.NaN,
  true,
  [],
  [null],
  {},
  { constructor: null },
  UNKNOWN,
];
