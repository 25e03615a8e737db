import { textTable } from "../lib/support/text-table";
import { isMissed } from "./figure";
import type { Benchmark, Figure } from "./figure";

/** Prints a benchmark's figures. @returns how many are over their limit. */
export function printFigures(
  { name, title }: Pick<Benchmark, "name" | "title">,
  figures: readonly Figure[],
): number {
  const misses = figures.filter(isMissed).length;
  const rows = figures.map((figure) => [
    figure.name,
    `${figure.value.toFixed(2)} ${figure.unit}`,
    figure.limit === undefined
      ? ""
      : `${figure.limit} ${figure.unit}${isMissed(figure) ? "  MISSED" : ""}`,
  ]);
  process.stdout.write(`\n${title}\n${textTable(["figure", "measured", "at most"], rows)}\n`);
  process.stdout.write(`${name}: ${figures.length - misses} of ${figures.length} figures hold\n`);
  return misses;
}
