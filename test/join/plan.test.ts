import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodePoolSchema } from "../../lib/join/declaration";
import { joinInProcess } from "../../lib/join/in-process";
import { planNodePool } from "../../lib/join/plan";
import { generateSigningKey } from "../../lib/signing/key";
import { SimulatedClock } from "../../lib/support/clock";
import { START } from "./harness";

describe("planNodePool", () => {
  test("names nodes past those taken", () => {
    const plan = planNodePool({
      cluster: "eu",
      pool: "workers",
      nodes: 2,
      ttl: "10m",
      namesTaken: ["eu-workers-1", "eu-workers-3"],
    });
    const node = { labels: { "node-restriction.kubernetes.io/atom-pool": "workers" }, taints: [] };
    expect(plan).toEqual({
      cluster: "eu",
      pool: "workers",
      ttl: "10m",
      nodes: [
        { name: "eu-workers-2", ...node },
        { name: "eu-workers-4", ...node },
      ],
    });
  });

  test("gives a tenant's pool a label and a taint", () => {
    expect(planNodePool({ cluster: "eu", pool: "acme", nodes: 1, tenant: "acme" })).toEqual({
      cluster: "eu",
      pool: "acme",
      tenant: "acme",
      ttl: "15m",
      nodes: [
        {
          name: "eu-acme-1",
          labels: {
            "node-restriction.kubernetes.io/atom-pool": "acme",
            "atom.cloud/tenant": "acme",
          },
          taints: [{ key: "atom.cloud/tenant", value: "acme", effect: "NoSchedule" }],
        },
      ],
    });
  });

  test("never uses a name twice", () => {
    const numbers = fc.array(fc.integer({ min: 1, max: 30 }));
    fc.assert(
      fc.property(fc.nat({ max: 20 }), numbers, (nodes, taken) => {
        const namesTaken = taken.map((n) => `eu-w-${n}`);
        const plan = planNodePool({ cluster: "eu", pool: "w", nodes, namesTaken });
        const names = plan.nodes.map(({ name }) => name);
        expect(names).toHaveLength(nodes);
        expect(new Set([...names, ...namesTaken]).size).toBe(nodes + new Set(namesTaken).size);
      }),
    );
  });

  test("fails with every problem at once", () => {
    const options = { cluster: "EU", pool: "kube-system", nodes: 1.5, ttl: "0", tenant: "../x" };
    expect(() => planNodePool(options)).toThrow(
      [
        "Invalid node pool:",
        ` - cluster: name "EU" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends`,
        ' - pool: name "kube-system" is reserved by Kubernetes or the platform',
        ` - tenant: name "../x" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends`,
        ' - pool: node names begin with "EU-kube-system", which is too long',
        " - nodes: 1.5 is not allowed; use a whole number from 0 to 1000",
        ' - join.ttl: join token life time "0" is not allowed; use 1s to 24h, such as 15m',
      ].join("\n"),
    );
  });
});

describe("nodePoolSchema", () => {
  test("takes a pool", () => {
    const pool = { name: "workers", nodes: 1, join: { ttl: "15m" } };
    expect(nodePoolSchema.parse(pool)).toEqual(pool);
  });

  test.each([
    [{ name: "Workers", nodes: 1, join: { ttl: "15m" } }],
    [{ name: "workers", nodes: -1, join: { ttl: "15m" } }],
    [{ name: "workers", nodes: 1, join: { ttl: "25h" } }],
    [{ name: "workers", nodes: 1, join: { ttl: "15m" }, token: "x" }],
  ])("fails for %j", (pool) => {
    expect(nodePoolSchema.safeParse(pool).success).toBe(false);
  });
});

describe("joinInProcess", () => {
  test("joins every node of a plan, and two runs give equal records", async () => {
    const plan = planNodePool({ cluster: "eu", pool: "workers", nodes: 2 });
    const run = () =>
      joinInProcess(plan, { clock: new SimulatedClock(START), claimKey: generateSigningKey() });
    const records = await run();
    expect(records.map(({ node, outcome }) => ({ node, outcome }))).toEqual([
      { node: "eu-workers-1", outcome: "joined" },
      { node: "eu-workers-2", outcome: "joined" },
    ]);
    expect(await run()).toEqual(records);
  });
});
