import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p4Rule3 } from "../../../lib/policy/rules/p4-3";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { MONITOR, withEndpoint, withSpec } from "../small-monitor";
import { AT, graphWith } from "../small-objects";

describe("P4-3", () => {
  test("looks at each monitor and at each endpoint", () => {
    expectPass(p4Rule3, [{ scope: ACME, examined: 2 }]);
  });

  test.each([undefined, 0, -1, 1.5, "1000"])("fails for a sample limit of %s", (sampleLimit) => {
    const found = sampleLimit === undefined ? "not set" : JSON.stringify(sampleLimit);
    expectFindings(withSpec({ sampleLimit }), p4Rule3, [
      {
        object: MONITOR,
        field: "spec.sampleLimit",
        message: `is ${found}; allowed is a number of samples from 1`,
      },
    ]);
  });

  test.each([
    ["path", "metrics", 'is "metrics"; allowed is a path such as /metrics'],
    [
      "path",
      "http://other/metrics",
      'is "http://other/metrics"; allowed is a path such as /metrics',
    ],
    ["scheme", "ftp", 'is "ftp"; allowed is http or https'],
    ["interval", "4s", 'is "4s"; at least 5s is allowed'],
    ["interval", "4999ms", 'is "4999ms"; at least 5s is allowed'],
    ["interval", "", 'is ""; allowed is a length of time such as 30s'],
    ["interval", 30, "is 30; allowed is a length of time such as 30s"],
    ["interval", "1m 30s", 'is "1m 30s"; allowed is a length of time such as 30s'],
  ])("fails for the %s %s", (field, value, message) => {
    expectFindings(withEndpoint({ [field]: value }), p4Rule3, [
      { object: MONITOR, field: `spec.endpoints[0].${field}`, message },
    ]);
  });

  test("fails for a PodMonitor, too", () => {
    const graph = graphWith(({ objects }) => {
      const { object } = objects[AT.serviceMonitor]!;
      const spec = { podMetricsEndpoints: [{ port: "x", interval: "1s" }] };
      const id = "PodMonitor tenant-acme/x";
      objects.push({ id, scope: ACME, object: { ...object, kind: "PodMonitor", spec } });
    });
    expect(findingsOf(graph, p4Rule3)).toMatchObject([
      { object: "PodMonitor tenant-acme/x", field: "spec.sampleLimit" },
      { object: "PodMonitor tenant-acme/x", field: "spec.podMetricsEndpoints[0].interval" },
    ]);
  });

  test.each([
    { path: "/custom", scheme: "https", interval: "5s" },
    { scheme: "HTTPS", interval: "1h30m" },
    { path: null, scheme: null, interval: null },
  ])("takes %j", (fields) => {
    expect(findingsOf(withEndpoint(fields), p4Rule3)).toEqual([]);
  });

  test("reads every length of time as Prometheus does", () => {
    const units = fc.tuple(fc.nat(90), fc.nat(90), fc.nat(9_999));
    fc.assert(
      fc.property(units, ([minutes, seconds, milliseconds]) => {
        const findings = findingsOf(
          withEndpoint({ interval: `${minutes}m${seconds}s${milliseconds}ms` }),
          p4Rule3,
        );
        const total = minutes * 60_000 + seconds * 1_000 + milliseconds;
        expect(findings.length).toBe(total < 5_000 ? 1 : 0);
      }),
      { numRuns: 50 },
    );
  });

  test("S6 fails for what is not known, and hides no other finding", () => {
    const endpoints = [{ interval: UNKNOWN }, { interval: "1s" }];
    expect(findingsOf(withSpec({ endpoints, sampleLimit: UNKNOWN }), p4Rule3)).toMatchObject([
      { cause: "undecided", field: "spec.sampleLimit" },
      { cause: "undecided", field: "spec.endpoints[0].interval" },
      { cause: "violation", field: "spec.endpoints[1].interval" },
    ]);
  });

  test.each(HOSTILE.filter((value) => value !== null && !Array.isArray(value)))(
    "fails, and does not crash, for the endpoints %s",
    (endpoints) => {
      expect(findingsOf(withSpec({ endpoints }), p4Rule3)).toMatchObject([{ cause: "undecided" }]);
    },
  );
});
