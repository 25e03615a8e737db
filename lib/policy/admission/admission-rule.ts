import type { AnyRule } from "../evaluation/rule";
import type { AdmissionScope } from "./admission-scope";

/**
 * A rule, or the part of it that one object alone decides, as the API server evaluates it. What it
 * says of an object is what the rule's own check says of the same object.
 */
export interface AdmissionRule {
  readonly rule: AnyRule;
  /** What only the whole graph decides, or the API server cannot see; undefined for a rule said in full. */
  readonly rest?: string;
  /** Which objects it looks at. */
  readonly scope: AdmissionScope;
  /** CEL by name, beside the scope's own; each may use those before it as `variables.<name>`. */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * CEL expressions that each give a list of texts: what is wrong with the object, and where. Texts
   * hold no value of the object but names, so no secret and no line break.
   */
  readonly faults: readonly string[];
}

/** A rule as it is, so that each file of a rule reads alike. */
export function admissionRule(rule: AnyRule, said: Omit<AdmissionRule, "rule">): AdmissionRule {
  return { rule, ...said };
}
