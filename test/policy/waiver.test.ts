import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Finding, RuleResult } from "../../lib/policy/evaluation/evaluate";
import type { Waiver } from "../../lib/policy/waiver";
import { applyWaivers, parseWaivers, waiverSchema } from "../../lib/policy/waiver";
import { ACME } from "./compliant-facts";

const NOW = new Date("2026-06-15T12:00:00Z");

const WAIVER: Waiver = {
  rule: "P2-1",
  object: "Deployment tenant-acme/api",
  reason: "moves to the mirror in July",
  expires: "2026-06-15",
  owner: "platform@atom.example",
};

const FINDING: Finding = {
  rule: "P2-1",
  policy: "P2",
  severity: "critical",
  cause: "violation",
  scope: ACME,
  object: "Deployment tenant-acme/api",
  field: "spec.template.spec.containers[0].image",
  message: "image is not set",
  remediation: "set it",
};

function resultOf(...findings: Finding[]): RuleResult {
  return { rule: "P2-1", scope: ACME, examined: 3, findings };
}

describe("applyWaivers", () => {
  test("marks a finding, which stays, until the end of the waiver's last day", () => {
    const lastMoment = new Date("2026-06-15T23:59:59.999Z");
    expect(applyWaivers([resultOf(FINDING)], [WAIVER], lastMoment)).toEqual({
      results: [{ ...resultOf(), findings: [{ ...FINDING, waiver: WAIVER }] }],
      expired: [],
      unused: [],
    });
  });

  test("fails the finding of an expired waiver, and reports the waiver", () => {
    const nextDay = new Date("2026-06-16T00:00:00Z");
    expect(applyWaivers([resultOf(FINDING)], [WAIVER], nextDay)).toEqual({
      results: [resultOf(FINDING)],
      expired: [WAIVER],
      unused: [],
    });
  });

  test.each([
    ["another object", { ...FINDING, object: "Deployment tenant-acme/api2" }],
    ["another rule", { ...FINDING, rule: "P2-2" }],
    ["a rule's own failure", { ...FINDING, cause: "error" as const }],
  ])("fails %s, and reports the waiver as unused", (_, finding) => {
    expect(applyWaivers([resultOf(finding)], [WAIVER], NOW)).toEqual({
      results: [resultOf(finding)],
      expired: [],
      unused: [WAIVER],
    });
  });

  test("lifts what is not known yet", () => {
    const undecided = { ...FINDING, cause: "undecided" as const };
    const { results } = applyWaivers([resultOf(undecided)], [WAIVER], NOW);
    expect(results[0]!.findings).toEqual([{ ...undecided, waiver: WAIVER }]);
  });

  test("uses the first of two waivers that say the same", () => {
    const second = { ...WAIVER, reason: "again" };
    const report = applyWaivers([resultOf(FINDING)], [WAIVER, second], NOW);
    expect(report.results[0]!.findings[0]!.waiver).toBe(WAIVER);
    expect(report.unused).toEqual([second]);
  });
});

describe("waiverSchema", () => {
  test("reads a waiver", () => {
    expect(parseWaivers([WAIVER])).toEqual([WAIVER]);
  });

  test.each([
    [{ rule: "P2-11" }, /unknown rule "P2-11"; did you mean "P2-1"\?/],
    [{ expires: "2027-02-31" }, /is no date; write it as 2027-01-31/],
    [{ expires: "31.01.2027" }, /is no date/],
    [{ expires: new Date() }, /expires/],
    [{ reason: " " }, /reason: a text of 1 to 500 characters is required/],
    [{ owner: undefined }, /owner: missing/],
    [{ until: "2027-01-01" }, /unknown key "until"/],
  ])("fails for %j", (fields, message) => {
    expect(() => parseWaivers([{ ...WAIVER, ...fields }])).toThrow(message);
  });

  test("has a JSON schema", () => {
    expect(() => z.toJSONSchema(waiverSchema)).not.toThrow();
  });
});
