import type { Command } from "commander";
import type { CommandContext } from "./command-context";
import { fleetArgument } from "./fleet-option";

/** `atom chart` */
export function addChartCommand(program: Command, context: CommandContext): void {
  const chart = program
    .command("chart")
    .summary("render the services of a tenant, or package the chart")
    .description("The chart of ATOM's services, as the stacks use it.");
  addRender(chart, context);
  addPackage(chart, context);
}

function addRender(chart: Command, context: CommandContext): void {
  chart
    .command("render")
    .summary("print a tenant's manifests")
    .description(
      "Renders the services of one tenant in one region: the chart's defaults, the region's and the " +
        "tenant's values, and images by the digests of atom.lock.json. The tenant's namespace and boundary " +
        "are not the chart's: `atom simulate` writes them too.",
    )
    .addArgument(fleetArgument())
    .requiredOption("--tenant <name>", "whose services")
    .requiredOption("--region <name>", "where")
    .option("-o, --out <folder>", "write files for `kubectl apply -f` instead of printing")
    .addHelpText("after", "\nExample:\n  $ atom chart render --tenant acme --region eu-west | less")
    .action(async (fleet: string, options: { tenant: string; region: string; out?: string }) => {
      const { renderForTenant } = await import("./chart-verbs.js");
      renderForTenant(context, fleet, options);
    });
}

function addPackage(chart: Command, context: CommandContext): void {
  chart
    .command("package")
    .summary("print the chart's digest, and write its files")
    .description(
      "The chart is the same bytes on every machine. `atom mirror sync --apply` pushes and signs it.",
    )
    .option("-o, --out <folder>", "write the chart's files")
    .action(async (options: { out?: string }) => {
      const { describePackage } = await import("./chart-verbs.js");
      describePackage(context, options);
    });
}
