import type { Command } from "commander";
import type { TenantPlace } from "../fleet/tenant-chart";
import type { ChartDiffOptions } from "./chart-diff";
import type { CommandContext } from "./command-context";
import { withServers } from "./expected-failure";
import { fleetArgument, jsonOption } from "./fleet-option";
import { folderName } from "./simulate-command";

/** `atom chart` */
export function addChartCommand(program: Command, context: CommandContext): void {
  const chart = program
    .command("chart")
    .summary("render, compare, verify or package the chart of the services")
    .description(
      "The chart of ATOM's services, as the stacks use it. It is a Helm chart, too: the same templates give " +
        "what a stack applies and what Helm installs.",
    );
  addRender(chart, context);
  addValues(chart, context);
  addDiff(chart, context);
  addVerify(chart, context);
  addPackage(chart, context);
}

function addRender(chart: Command, context: CommandContext): void {
  ofTenant(chart.command("render"))
    .summary("print a tenant's manifests")
    .description(
      "Renders the services of one tenant in one region: the chart's defaults, the region's and the " +
        "tenant's values, and images by the digests of atom.lock.json. The tenant's namespace and boundary " +
        "are not the chart's: `atom simulate` writes them too.",
    )
    .option(
      "-o, --out <folder>",
      "write files for `kubectl apply -f` instead of printing",
      folderName,
    )
    .addHelpText("after", "\nExample:\n  $ atom chart render --tenant acme --region eu-west | less")
    .action(async (fleet: string, options: TenantPlace & { out?: string }) => {
      const { renderForTenant } = await import("./chart-verbs.js");
      renderForTenant(context, fleet, options);
    });
}

function addValues(chart: Command, context: CommandContext): void {
  ofTenant(chart.command("values"))
    .summary("print the values with which Helm installs a tenant's services")
    .description(
      "Prints what `helm upgrade --install --values` takes to make of the chart what `atom chart render` " +
        "prints: where the tenant runs, its images by digest, and its values.",
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExample:\n  $ atom chart values --tenant acme --region eu-west > acme.yaml",
    )
    .action(async (fleet: string, options: TenantPlace & { json?: true }) => {
      const { printValues } = await import("./chart-verbs.js");
      printValues(context, fleet, options);
    });
}

function addDiff(chart: Command, context: CommandContext): void {
  ofTenant(chart.command("diff"))
    .summary("compare a tenant's manifests with others, or with what its cluster has")
    .description(
      "Says object by object, field by field, what applying the render would change. With --live only the " +
        "fields that are rendered count, not what the API server fills in. What the render lacks counts if it " +
        "bears the labels of the tenant's services. Quantities are compared by what they are worth, and a mark stands in " +
        "the place of what is secret. Exits 0 if there is no difference, 1 if there is one, 2 if it cannot be told.",
    )
    .option("--against <path>", "a file of manifests, a folder of them, or - for standard input")
    .option("--live", "read the objects from the region's cluster; nothing is written")
    .option(
      "--context <name>",
      "the kube context of that cluster (default: the fleet's, where it names one)",
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:" +
        "\n  $ atom chart diff --tenant acme --region eu-west --live" +
        "\n  $ atom chart diff --tenant acme --region eu-west --against reports/rendered/eu-west/acme",
    )
    .action(async (fleet: string, options: ChartDiffOptions) => {
      const { diffForTenant } = await import("./chart-diff.js");
      await diffForTenant(context, fleet, options);
    });
}

function addVerify(chart: Command, context: CommandContext): void {
  chart
    .command("verify")
    .summary("check that the chart and its images are at your registry, signed")
    .description(
      "Reads the chart from the fleet's registry: it has to have the bytes of this library's, and the " +
        "signature of a trusted key for this very registry. So has each image of atom.lock.json, by its digest; its " +
        "manifests are read, and its layers are not (`atom mirror verify` reads every byte). Exits 1 if " +
        "anything is missing, changed or not signed.",
    )
    .addArgument(fleetArgument())
    .option(
      "--key <file>",
      "a public key that is trusted, in the place of the fleet's; repeatable",
      (file: string, others: readonly string[]) => [...others, file],
      [],
    )
    .addOption(jsonOption())
    .action((fleet: string, options: { key: readonly string[]; json?: true }) =>
      withServers(context, async () => {
        const { verifyChartAtTarget } = await import("./chart-verify.js");
        await verifyChartAtTarget(context, fleet, options);
      }),
    );
}

function addPackage(chart: Command, context: CommandContext): void {
  chart
    .command("package")
    .summary("print the chart's digest, and write its files")
    .description(
      "The Helm chart is the same bytes on every machine. `atom mirror sync --apply` pushes and signs it.",
    )
    .option(
      "-o, --out <folder>",
      "write the chart's folder, and the archive that Helm installs",
      folderName,
    )
    .addOption(jsonOption())
    .action(async (options: { out?: string; json?: true }) => {
      const { describePackage } = await import("./chart-verbs.js");
      describePackage(context, options);
    });
}

/** A verb about one tenant in one region of a fleet. */
function ofTenant(verb: Command): Command {
  return verb
    .addArgument(fleetArgument())
    .requiredOption("--tenant <name>", "whose services")
    .requiredOption("--region <name>", "where");
}
