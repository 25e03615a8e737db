import type { Command } from "commander";
import { precheck } from "../fleet/precheck";
import { readFleet } from "../fleet/read-fleet";
import type { LoadedFleet } from "../fleet/read-fleet";
import { systemClock } from "../support/clock";
import { UsageError, problemLine } from "../support/problem";
import type { Problem } from "../support/problem";
import { textTable } from "../support/text-table";
import { fleetArgument, jsonOption } from "./fleet-option";
import type { CommandContext } from "./command-context";

/** `atom check` */
export function addCheckCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command("check")
    .summary("validate a fleet file and show what the environment sets")
    .description(
      "Reads a fleet file with the environment's overrides and the files that it names, reports every " +
        "problem with its line, and says what a run with --apply would write to. Variables are shown as SET or " +
        "MISSING, never by value. Under SIMULATION_MODE=true no verb writes to a registry, a Vault or a " +
        "cluster. Waivers that have expired, end within 30 days or lift nothing are told on standard error, " +
        "and are in the JSON.",
    )
    .addArgument(fleetArgument())
    .addOption(jsonOption())
    .action(async (path: string, options: { json?: true }) => {
      const loaded = readFleet(path, terminal.environment);
      const fleet = { path, ...summaryOf(loaded) };
      await refuseUnreadFiles(loaded, path);
      const result = precheck(terminal.environment, loaded);
      const waivers = await notesOn(loaded);
      for (const note of waivers) terminal.error(`${problemLine(note)}\n`);
      if (options.json) {
        terminal.out(`${JSON.stringify({ ...result, fleet, waivers }, null, 2)}\n`);
        return;
      }
      const { release, regions, clusters, tenants, images } = fleet;
      terminal.out(
        `${path} is valid: release ${release}, ${regions} regions, ${clusters} clusters, ` +
          `${tenants} tenants, ${images} images\n\n` +
          `${textTable(["variable", "state"], Object.entries(result.variables))}\n\n` +
          `${result.decision}${result.because.map((reason) => `\n - ${reason}`).join("")}\n`,
      );
    });
}

/** How many there are of what the fleet declares. */
function summaryOf({ fleet }: LoadedFleet) {
  const { release, regions, clusters, tenants, images } = fleet;
  return {
    release,
    regions: regions.length,
    clusters: clusters.length,
    tenants: tenants.length,
    images: images.length,
  };
}

/** What reads inventories, keys and seeds is loaded for this verb alone. */
async function refuseUnreadFiles(loaded: LoadedFleet, path: string): Promise<void> {
  const { declaredFileProblems } = await import("../fleet/declared-files.js");
  const problems = declaredFileProblems(loaded);
  if (problems.length > 0) throw new UsageError(`fleet file ${path}`, problems);
}

/** The rules are loaded only for who waives one. */
async function notesOn(loaded: LoadedFleet): Promise<readonly Problem[]> {
  if ((loaded.fleet.waivers ?? []).length === 0) return [];
  const { waiverNotes } = await import("./check-waivers.js");
  return waiverNotes(loaded, systemClock.now());
}
