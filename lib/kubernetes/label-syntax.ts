import { remember } from "../support/remember";
import { stringRule } from "../support/string-rule";
import type { Refusal, StringRule } from "../support/string-rule";
import { DNS_SUBDOMAIN, LONGEST_SUBDOMAIN, isDnsSubdomain, printable } from "./names";

const QUALIFIED = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

/**
 * A rule for a label's key, further refusals included.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelKeyRule(not: readonly Refusal[] = []): StringRule {
  return stringRule({
    pattern: `^(${DNS_SUBDOMAIN}/)?${QUALIFIED}$`,
    problem: keyProblem,
    // What stands before the slash is bounded, not the whole key.
    not: [{ pattern: `^[^/]{${LONGEST_SUBDOMAIN + 1}}`, problem: keyProblem }, ...not],
  });
}

/** A rule for a label's value. An empty one is allowed. */
export const LABEL_VALUE = stringRule({
  pattern: `^(${QUALIFIED})?$`,
  problem: (value) =>
    `label value ${printable(value)} is not allowed; use up to 63 of A-Z, a-z, 0-9, '-', '_' and '.', no blanks`,
});

const LABEL_KEY = labelKeyRule();

/** Why a text may not be a label's key; undefined if it may. */
export const labelKeyProblem = remember((key) => LABEL_KEY.problem(key));

/** Why a text may not be a label's value; undefined if it may. */
export const labelValueProblem = remember((value) => LABEL_VALUE.problem(value));

function keyProblem(key: string): string {
  const slash = key.indexOf("/");
  return slash >= 0 && !isDnsSubdomain(key.slice(0, slash))
    ? `label key ${printable(key)} has no DNS name before the slash`
    : `label key ${printable(key)} is not allowed; use up to 63 of A-Z, a-z, 0-9, '-', '_' and '.'`;
}
