import type { AdmissionRule } from "../policy/admission/admission-rule";
import { ADMISSION_RULES } from "../policy/admission/admission-rules";
import { admissionObjects } from "../policy/admission/export";
import type { AdmissionAction } from "../policy/admission/export";
import { NOT_ADMITTED } from "../policy/admission/not-admitted";
import { UsageError } from "../support/problem";
import { unknownWord } from "../support/strict-schema";
import { toYaml } from "../support/yaml-writer";
import type { CommandContext } from "./command-context";

export interface AdmissionOptions {
  readonly action: readonly AdmissionAction[];
  /** Ids of the rules to print. @default all of them */
  readonly rule?: readonly string[];
}

/**
 * Prints rules as objects of the API server.
 *
 * @throws UsageError for a rule that is not there, or has no policy, and for actions that do not go together.
 */
export function printAdmission(
  { terminal }: CommandContext,
  { action, rule: ids }: AdmissionOptions,
): void {
  checkActions(action);
  terminal.out(toYaml(admissionObjects(ids ? rulesOf(ids) : ADMISSION_RULES, action)));
}

/** Source: `validationActions` of ValidatingAdmissionPolicyBindingSpec in admissionregistration.k8s.io/v1. */
function checkActions(actions: readonly AdmissionAction[]): void {
  if (!actions.includes("Deny") || !actions.includes("Warn")) return;
  const message = "Deny and Warn exclude each other: the API server refuses a binding with both";
  throw new UsageError("--action", [
    { path: "--action", message, mend: "write Deny Audit, or Warn Audit" },
  ]);
}

function rulesOf(ids: readonly string[]): readonly AdmissionRule[] {
  const known = ADMISSION_RULES.map(({ rule }) => rule.id);
  const problems = ids
    .filter((id) => !known.includes(id))
    .map((id) => ({ path: id, message: missing(id, known) }));
  if (problems.length > 0) throw new UsageError("--rule", problems);
  return ADMISSION_RULES.filter(({ rule }) => ids.includes(rule.id));
}

function missing(id: string, known: readonly string[]): string {
  if (!Object.hasOwn(NOT_ADMITTED, id)) return unknownWord("rule", id, known);
  return `has no policy: ${NOT_ADMITTED[id]}; atom audit finds what breaks it`;
}
