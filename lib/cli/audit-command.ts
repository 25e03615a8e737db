import type { Command } from "commander";
import type { CommandContext } from "./command-context";
import { jsonOption } from "./fleet-option";

/** `atom audit` */
export function addAuditCommand(program: Command, context: CommandContext): void {
  program
    .command("audit")
    .summary("check any Kubernetes manifests against P1 to P7")
    .description(
      "Reads YAML and JSON manifests (several documents a file, and lists such as `kubectl get -o yaml` " +
        "prints) and reports what breaks a rule, where, and how to mend it. It needs no cluster. What cannot " +
        "be decided counts as a violation. Exits 1 on a violation.",
    )
    .argument(
      "<path...>",
      "files, folders with .yaml, .yml and .json files, or - for standard input",
    )
    .option("--cluster <name>", "name of the cluster in the report", "default")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(async (paths: string[], options: { cluster: string; json?: true }) => {
      const { auditManifests } = await import("./audit-verb.js");
      await auditManifests(context, paths, options);
    });
}

const EXAMPLES = `
Examples:
  $ atom audit manifests/
  $ helm template my-chart | atom audit -
  $ kubectl get all,networkpolicies,roles,rolebindings -A -o yaml | atom audit - --json`;
