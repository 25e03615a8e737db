import { describe, expect, test } from "vitest";
import { fleetSchema } from "../../lib/fleet/schema";
import { scanTargets } from "../../lib/monitor/scan-target";
import { smallFleet } from "../cli/atom";

function fleetOf(...contexts: readonly (string | undefined)[]) {
  const [cluster] = smallFleet()["clusters"] as [{ source: object }];
  const [tenant] = smallFleet()["tenants"] as [object];
  const regions = contexts.map((_, index) => `r${index}`);
  return fleetSchema.parse(
    smallFleet({
      regions: regions.map((name) => ({ name, domain: `${name}.atom.example` })),
      clusters: contexts.map((context, index) => ({
        ...cluster,
        name: `c${index}`,
        region: regions[index],
        source: context === undefined ? cluster.source : { context },
      })),
      tenants: [{ ...tenant, regions: [regions[0]] }],
    }),
  );
}

describe("the clusters to scan", () => {
  test("are the one behind a context without a fleet", () => {
    expect(scanTargets({})).toEqual([{ cluster: "default", context: undefined }]);
    expect(scanTargets({ cluster: "eu", context: "prod" })).toEqual([
      { cluster: "eu", context: "prod" },
    ]);
  });

  test("are all of a fleet, with the tenants of each", () => {
    expect(scanTargets({}, fleetOf("a", "b"))).toEqual([
      { cluster: "c0", context: "a", tenants: ["acme"] },
      { cluster: "c1", context: "b", tenants: [] },
    ]);
  });

  test("are the fleet's cluster that was named, or whose context was", () => {
    const c1 = { cluster: "c1", context: "b", tenants: [] };
    expect(scanTargets({ cluster: "c1" }, fleetOf("a", "b"))).toEqual([c1]);
    expect(scanTargets({ context: "b" }, fleetOf("a", "b"))).toEqual([c1]);
    expect(scanTargets({ cluster: "c1", context: "x" }, fleetOf("a", undefined))).toEqual([
      { ...c1, context: "x" },
    ]);
    expect(scanTargets({ context: "x" }, fleetOf(undefined))).toEqual([
      { cluster: "c0", context: "x", tenants: ["acme"] },
    ]);
  });

  test.each([
    [
      "a cluster without a context",
      {},
      fleetOf("a", undefined),
      "c1: the fleet names no kube context",
    ],
    ["an unknown cluster", { cluster: "c2" }, fleetOf("a", "b"), "c2"],
    [
      "a context that is none of the fleet's",
      { context: "x" },
      fleetOf("a", "b"),
      "name the cluster with --cluster",
    ],
    [
      "a context of two clusters",
      { context: "a" },
      fleetOf("a", "a"),
      "name the cluster with --cluster",
    ],
  ])("fails for %s", (_, choice, fleet, words) => {
    expect(() => scanTargets(choice, fleet)).toThrow(words);
  });
});
