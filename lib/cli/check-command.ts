import type { Command } from "commander";
import { precheck } from "../fleet/precheck";
import { readFleet } from "../fleet/read-fleet";
import { textTable } from "../support/text-table";
import { fleetArgument, jsonOption } from "./fleet-option";
import type { CommandContext } from "./command-context";

/** `atom check` */
export function addCheckCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command("check")
    .summary("validate a fleet file and show what the environment sets")
    .description(
      "Reads a fleet file with the environment's overrides, reports every problem with its line, and " +
        "says whether a run would be real. Variables are shown as SET or MISSING, never by value.",
    )
    .addArgument(fleetArgument())
    .addOption(jsonOption())
    .action((path: string, options: { json?: true }) => {
      const { fleet } = readFleet(path, terminal.environment);
      const result = precheck(terminal.environment);
      if (options.json) {
        terminal.out(`${JSON.stringify(result, null, 2)}\n`);
        return;
      }
      const { regions, clusters, tenants, images } = fleet;
      terminal.out(
        `${path} is valid: release ${fleet.release}, ${regions.length} regions, ${clusters.length} clusters, ` +
          `${tenants.length} tenants, ${images.length} images\n\n` +
          `${textTable(["variable", "state"], Object.entries(result.variables))}\n\n` +
          `${result.decision}${result.because.map((reason) => `\n - ${reason}`).join("")}\n`,
      );
    });
}
