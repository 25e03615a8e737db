import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../lib/support/package-root";
import { measureChild } from "./child";
import { median } from "./figure";
import type { Benchmark } from "./figure";

const RUNS = 3;

/** The example fleet from command to closing table, process start included. */
export const simulateBenchmark: Benchmark = {
  name: "simulate",
  title: "atom simulate on the example fleet, whole process, median of three",
  async run() {
    const out = mkdtempSync(join(tmpdir(), "atom-bench-"));
    try {
      const runs = [];
      for (let run = 0; run < RUNS; run += 1) runs.push(await simulateInto(out));
      const empty = await measureChild(join(packageRoot(), "dist/bench/empty.js"), []);
      const seconds = median(runs.map((run) => run.seconds));
      return [
        { name: "time", value: seconds, unit: "s", limit: 10 },
        {
          name: "peak memory",
          value: median(runs.map((run) => run.megabytes)),
          unit: "MB",
          limit: 300,
        },
        {
          name: "time over a process that only loads the Pulumi SDK",
          value: seconds / empty.seconds,
          unit: "x",
        },
      ];
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  },
};

function simulateInto(out: string) {
  const root = packageRoot();
  return measureChild(join(root, "dist/lib/cli/main.js"), [
    "simulate",
    join(root, "examples/fleet/atom.yaml"),
    "--out",
    out,
    "--port",
    "0",
  ]);
}
