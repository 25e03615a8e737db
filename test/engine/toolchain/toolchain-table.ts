import { textTable } from "../../../lib/support/text-table";
import type { PartState } from "./locate";
import type { PartEnd } from "./make-missing";

/** One tool, or one part of files. */
export interface ToolchainRow {
  readonly tool: string;
  readonly part: string;
  readonly version: string;
  readonly from: "PATH" | "cache" | "built" | "failed" | "missing";
  /** What it took to make its part in this run, to a tenth; 0 if it was there. */
  readonly seconds: number;
  /** Program, or folder with files. */
  readonly path: string;
}

/** What a run found and made, tool by tool. */
export function toolchainRows(
  states: readonly PartState[],
  ends: ReadonlyMap<string, PartEnd>,
): ToolchainRow[] {
  return states.flatMap(({ part, folder, missing, tools }) => {
    const end = ends.get(part.name);
    const row = (tool: string, version: string, path: string): ToolchainRow => ({
      tool,
      part: part.name,
      version,
      from: end === undefined ? (missing ? "missing" : "cache") : FROM[end.outcome],
      seconds: Math.round((end?.seconds ?? 0) * 10) / 10,
      path,
    });
    if (tools.size === 0) return [row(part.name, part.version, folder)];
    return [...tools].map(([tool, { version, path, origin }]) =>
      origin === "PATH"
        ? { tool, part: part.name, version, from: origin, seconds: 0, path }
        : row(tool, version, path),
    );
  });
}

const FROM = { built: "built", found: "cache", failed: "failed" } as const;

/** The rows for a reader. */
export function toolchainTable(rows: readonly ToolchainRow[]): string {
  return textTable(
    ["tool", "version", "from", "seconds"],
    rows.map(({ tool, version, from, seconds }) => [tool, version, from, seconds.toFixed(1)]),
  );
}
