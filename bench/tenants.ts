import { join } from "node:path";
import { packageRoot } from "../lib/support/package-root";
import { measureChild } from "./child";
import type { Benchmark, Figure } from "./figure";

const SIZES = [10, 100, 1000];

/** How the cost of a fleet's stacks, render and policies grows with its tenants. */
export const tenantsBenchmark: Benchmark = {
  name: "tenants",
  title: "stacks recorded, rendered and audited for a fleet of n tenants, whole process",
  async run() {
    const figures: Figure[] = [];
    const seconds: number[] = [];
    for (const size of SIZES) {
      const run = await measureChild(join(packageRoot(), "dist/bench/tenants-child.js"), [
        String(size),
      ]);
      seconds.push(run.seconds);
      figures.push(
        { name: `${size} tenants, time`, value: run.seconds, unit: "s" },
        { name: `${size} tenants, peak memory`, value: run.megabytes, unit: "MB" },
      );
    }
    const [, hundred, thousand] = seconds as [number, number, number];
    figures.push({
      name: "1,000 tenants over 100",
      value: thousand / hundred,
      unit: "x",
      limit: 12,
    });
    return figures;
  },
};
