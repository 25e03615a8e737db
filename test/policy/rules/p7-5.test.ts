import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p7Rule5 } from "../../../lib/policy/rules/p7-5";
import { ACME } from "../compliant-facts";
import { expectFindings, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";
import { FLUX, PULUMI, withFlux, withPulumi } from "../small-releases";

const upgrade = (fields: object, remediation: object = { retries: 1 }) => ({
  upgrade: { remediation, ...fields },
});

describe("P7-5", () => {
  test("looks at each release of Flux and of Pulumi, and at no other", () => {
    expect(evaluate(graphWith(), [p7Rule5])).toEqual([]);
    for (const graph of [withFlux(), withPulumi({ atomic: false }), withPulumi()]) {
      expect(evaluate(graph, [p7Rule5])).toEqual([
        { rule: "P7-5", scope: ACME, examined: 1, findings: [] },
      ]);
    }
  });

  test.each([
    [{ suspend: true }, "suspend", "is true, which stops Flux wherever it is, a rollback included"],
    [
      upgrade({ disableWait: true }),
      "upgrade.disableWait",
      "is true, which takes an upgrade for good that nobody has waited for",
    ],
    [
      { rollback: { disableWait: "yes" } },
      "rollback.disableWait",
      'is "yes", which takes a rollback for good that nobody has waited for',
    ],
    [
      { rollback: { disableHooks: true } },
      "rollback.disableHooks",
      "is true, which leaves out what the chart's hooks undo",
    ],
    [
      upgrade({ strategy: { name: "RetryOnFailure" } }),
      "upgrade.strategy.name",
      'is "RetryOnFailure", which undoes nothing; allowed is RemediateOnFailure',
    ],
    [
      upgrade({}, { retries: -1 }),
      "upgrade.remediation.retries",
      "is -1, which never ends; allowed is a number of 0 or more",
    ],
    [
      upgrade({}, { retries: 2, remediateLastFailure: false }),
      "upgrade.remediation.remediateLastFailure",
      "leaves the last failure as it is; set it to true, or retries to 1 or more",
    ],
    [
      { upgrade: {} },
      "upgrade.remediation.remediateLastFailure",
      "leaves the last failure as it is; set it to true, or retries to 1 or more",
    ],
  ])("fails for %j", (spec, field, message) => {
    expectFindings(withFlux(spec), p7Rule5, [{ object: FLUX, field: `spec.${field}`, message }]);
  });

  test("fails for a client that rolls back by itself", () => {
    // An install that fails is uninstalled, too: P7-6 says so.
    expect(findingsOf(withPulumi({ atomic: true }), p7Rule5)).toMatchObject([
      {
        object: PULUMI,
        field: "atomic",
        message: "has the client roll back: killed on the way, it leaves a pending release",
      },
    ]);
  });

  test("takes the last failure's remediation for what Flux does without a word", () => {
    expect(findingsOf(withFlux(upgrade({}, { retries: 3 })), p7Rule5)).toEqual([]);
    expect(findingsOf(withFlux(upgrade({}, { remediateLastFailure: true })), p7Rule5)).toEqual([]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const spec of [{ suspend: UNKNOWN }, { upgrade: UNKNOWN }, { rollback: UNKNOWN }]) {
      const findings = findingsOf(withFlux(spec), p7Rule5);
      expect(findings.at(-1)).toMatchObject({ cause: "undecided" });
    }
    const unknown = withPulumi({ atomic: UNKNOWN });
    expect(findingsOf(unknown, p7Rule5)).toMatchObject([{ cause: "undecided" }]);
  });

  test.each(HOSTILE)("fails, and does not crash, for the spec %s", (spec) => {
    const hostile = findingsOf(withFlux(upgrade({}, spec as never)), p7Rule5);
    expect(hostile.map(({ cause }) => cause)).not.toContain("error");
    expect(hostile).toHaveLength(1);
    expect(findingsOf(withFlux(spec), p7Rule5).map(({ cause }) => cause)).not.toContain("error");
  });
});
