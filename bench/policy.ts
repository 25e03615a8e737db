import { join } from "node:path";
import { packageRoot } from "../lib/support/package-root";
import { FOR_MANY_OBJECTS, measureChild } from "./child";
import { median } from "./figure";
import type { Benchmark, Figure } from "./figure";
import type { PolicyRun } from "./policy-child";

const ROUNDS = 5;
const FEW = 100;
const MANY = 1000;

/** All rules over a cluster full of tenants, as a monitor reads it, beside a bare walk over the same objects. */
export const policyBenchmark: Benchmark = {
  name: "policy",
  title: "all rules over the objects of a cluster full of tenants, medians of five rounds",
  async run() {
    const rounds: { readonly few: PolicyRun; readonly many: PolicyRun }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.push({ few: await run(FEW), many: await run(MANY) });
    }
    const of = (pick: (run: PolicyRun) => number) => median(rounds.map(({ many }) => pick(many)));
    const { objects, rules } = rounds[0]!.many;
    const figures: Figure[] = [
      {
        name: `a bare walk over ${objects} objects of ${MANY} tenants`,
        value: of(({ walk }) => walk * 1000),
        unit: "ms",
      },
      {
        name: `${rules} rules over them, the first time in a process`,
        value: of(({ first }) => first),
        unit: "s",
        limit: 0.5,
      },
      { name: "the same over the walk", value: of(({ first, walk }) => first / walk), unit: "x" },
      { name: "the same a second time", value: of(({ again }) => again), unit: "s" },
      {
        name: "that over the walk",
        value: of(({ again, walk }) => again / walk),
        unit: "x",
        limit: 5,
      },
      {
        name: "with checks that do nothing, over the walk",
        value: of(({ lookUps, walk }) => lookUps / walk),
        unit: "x",
      },
      {
        name: `${MANY} tenants over ${FEW}`,
        value: median(rounds.map(({ few, many }) => many.again / few.again)),
        unit: "x",
        limit: 12,
      },
      {
        name: "peak memory of the process",
        value: Math.max(...rounds.map(({ many }) => many.megabytes)),
        unit: "MB",
        limit: 200,
      },
      {
        name: "one Deployment changes",
        value: of(({ workload }) => workload * 1000),
        unit: "ms",
        limit: 5,
      },
      { name: "one Ingress has another host", value: of(({ host }) => host * 1000), unit: "ms" },
    ];
    return figures;
  },
};

async function run(tenants: number): Promise<PolicyRun> {
  const program = join(packageRoot(), "dist/bench/policy-child.js");
  const child = await measureChild(program, [String(tenants)], { nodeOptions: FOR_MANY_OBJECTS });
  return JSON.parse(child.output) as PolicyRun;
}
