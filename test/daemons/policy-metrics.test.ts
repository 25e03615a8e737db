import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { PolicyMetrics } from "../../lib/daemons/policy-metrics";
import type { PolicyMatrix } from "../../lib/policy/matrix";

interface Row {
  readonly rule: string;
  readonly tenant?: string;
  readonly waiver?: object;
}
const matrix = (findings: readonly Row[]) =>
  ({ clusters: [{ cluster: "eu", findings }] }) as unknown as PolicyMatrix;
const SCANS = [{ cluster: "eu", objects: 7, timestamp: 1_700_000_000, seconds: 0.5 }];

async function rowsAfter(...audits: readonly (readonly Row[])[]): Promise<string[]> {
  const registry = new Registry();
  const metrics = new PolicyMetrics(registry);
  for (const findings of audits) metrics.audited(matrix(findings), SCANS);
  return (await registry.metrics()).split("\n").filter((line) => /^atom_/.test(line));
}

test("an audit's violations are counted by rule, cluster and tenant, and waived ones apart", async () => {
  const waiver = {};
  expect(
    await rowsAfter([
      { rule: "P1-POD-1", tenant: "acme" },
      { rule: "P1-POD-1", tenant: "acme" },
      { rule: "P1-POD-1", tenant: "globex", waiver },
      { rule: "P5-1" },
    ]),
  ).toEqual([
    'atom_policy_violations{rule="P1-POD-1",cluster="eu",tenant="acme"} 2',
    'atom_policy_violations{rule="P5-1",cluster="eu",tenant=""} 1',
    'atom_policy_waived_violations{cluster="eu"} 1',
    'atom_policy_scanned_objects{cluster="eu"} 7',
    'atom_policy_scan_timestamp_seconds{cluster="eu"} 1700000000',
    'atom_policy_scan_duration_seconds{cluster="eu"} 0.5',
  ]);
});

test("what the last audit does not have is no more", async () => {
  const rows = await rowsAfter([{ rule: "P5-1" }], [{ rule: "P5-2" }]);
  expect(rows.filter((row) => row.startsWith("atom_policy_violations"))).toEqual([
    'atom_policy_violations{rule="P5-2",cluster="eu",tenant=""} 1',
  ]);
});

test("rows are bounded, and every violation is in one", async () => {
  const findings = Array.from({ length: 5_000 }, (_, nth) => ({ rule: "P5-1", tenant: `t${nth}` }));
  const rows = (await rowsAfter([...findings, ...findings])).filter((row) =>
    row.startsWith("atom_policy_violations"),
  );
  expect(rows).toHaveLength(2_001);
  expect(rows.at(-1)).toBe(
    'atom_policy_violations{rule="P5-1",cluster="eu",tenant="(others)"} 6000',
  );
});
