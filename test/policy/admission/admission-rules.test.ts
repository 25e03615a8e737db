import { expect, test } from "vitest";
import { ADMISSION_RULES } from "../../../lib/policy/admission/admission-rules";
import { NOT_ADMITTED } from "../../../lib/policy/admission/not-admitted";
import { ALL_RULES } from "../../../lib/policy/rules";

test("every rule has either a policy or a reason why it has none", () => {
  const admitted = ADMISSION_RULES.map(({ rule }) => rule.id);
  const decided = [...admitted, ...Object.keys(NOT_ADMITTED)];
  expect(decided.sort()).toEqual(ALL_RULES.map(({ id }) => id).sort());
});

test("policies come in the order of the rules", () => {
  const rules = ADMISSION_RULES.map(({ rule }) => rule);
  expect(rules).toEqual(ALL_RULES.filter((rule) => rules.includes(rule)));
});

test("no expression has a line break, which a message may not have", () => {
  const broken = ADMISSION_RULES.filter(({ faults }) => faults.join("").includes("\n"));
  expect(broken).toEqual([]);
});
