import { withEngine } from "../../test/engine/with-engine";
import type { Benchmark } from "../figure";
import { printFigures } from "../figures-table";
import { measureAudit } from "./audit";
import { measureMirror } from "./mirror";
import { measurePreview } from "./preview";
import { measureRender } from "./render";

const BENCHMARKS: readonly Benchmark[] = [
  {
    name: "preview",
    title: "pulumi preview of one tenant's stack, medians of seven rounds",
    run: () => withEngine(measurePreview),
  },
  {
    name: "mirror",
    title: "images from registry to registry on one machine, medians of three rounds",
    run: measureMirror,
  },
  {
    name: "render",
    title: "the objects of a cluster full of tenants, medians of five rounds",
    run: measureRender,
  },
  {
    name: "audit",
    title: "some thousand objects in a file, whole process, medians of seven rounds",
    run: measureAudit,
  },
];

/** `npm run bench:engine`: figures that need the real parts. */
async function main(wanted: readonly string[]): Promise<number> {
  const chosen = BENCHMARKS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  let missed = 0;
  for (const benchmark of chosen) missed += printFigures(benchmark, await benchmark.run());
  return missed === 0 ? 0 : 1;
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
