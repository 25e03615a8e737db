import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { inFile } from "../support/in-file";
import { UsageError } from "../support/problem";
import { readSeed } from "../vault/seed";
import type { SeedSecret } from "../vault/seed";
import type { LoadedFleet } from "./read-fleet";

/**
 * The secrets that a fleet's simulated primary begins with; none if it names no file.
 *
 * @throws UsageError with every problem of that file; each names the file.
 */
export function readSimulationSecrets({
  fleet,
  folder,
}: Pick<LoadedFleet, "fleet" | "folder">): readonly SeedSecret[] {
  const file = fleet.simulation?.secrets;
  if (file === undefined) return [];
  return inFile(file, () => readSeed(readText(resolve(folder, file))));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    const mend = "paths are relative to the fleet file";
    throw new UsageError("secrets file", [{ path: "", message: `cannot be read (${code})`, mend }]);
  }
}
