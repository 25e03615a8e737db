import type { Benchmark } from "./figure";
import { printFigures } from "./figures-table";
import { policyBenchmark } from "./policy";
import { simulateBenchmark } from "./simulate";
import { tenantsBenchmark } from "./tenants";

const BENCHMARKS: readonly Benchmark[] = [simulateBenchmark, tenantsBenchmark, policyBenchmark];

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
    missed += printFigures(benchmark, await benchmark.run());
  }
  return missed === 0 ? 0 : 1;
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
