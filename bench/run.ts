import { textTable } from "../lib/support/text-table";
import { isMissed } from "./figure";
import type { Benchmark } from "./figure";
import { simulateBenchmark } from "./simulate";
import { tenantsBenchmark } from "./tenants";

const BENCHMARKS: readonly Benchmark[] = [simulateBenchmark, tenantsBenchmark];

async function main(wanted: readonly string[]): Promise<number> {
  const names = BENCHMARKS.map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`no benchmark ${unknown.join(", ")}; there are ${names.join(", ")}\n`);
    return 2;
  }
  let missed = 0;
  for (const benchmark of BENCHMARKS.filter(
    ({ name }) => wanted.length === 0 || wanted.includes(name),
  )) {
    const figures = await benchmark.run();
    const misses = figures.filter(isMissed).length;
    missed += misses;
    process.stdout.write(`\n${benchmark.title}\n`);
    process.stdout.write(
      `${textTable(
        ["figure", "measured", "at most"],
        figures.map((figure) => [
          figure.name,
          `${figure.value.toFixed(2)} ${figure.unit}`,
          figure.limit === undefined
            ? ""
            : `${figure.limit} ${figure.unit}${isMissed(figure) ? "  MISSED" : ""}`,
        ]),
      )}\n`,
    );
    process.stdout.write(
      `${benchmark.name}: ${figures.length - misses} of ${figures.length} figures hold\n`,
    );
  }
  return missed === 0 ? 0 : 1;
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
