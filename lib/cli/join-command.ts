import type { Command } from "commander";
import type { CommandContext } from "./command-context";
import { applyOption, fleetArgument, fleetOption, jsonOption } from "./fleet-option";
import type { TokenOptions } from "./join-verbs";

/** `atom join` */
export function addJoinCommand(program: Command, context: CommandContext): void {
  const join = program
    .command("join")
    .summary("plan a cluster's worker nodes and issue their one-time tokens")
    .description(
      "A node joins on two things: a token that is bound to its name, pool and tenant and burnt by its " +
        "first use, and a signed claim over its own key.",
    );
  join
    .command("plan")
    .summary("show the nodes, labels and taints of every pool")
    .description("Shows what the gateway, and not the node, sets on each node that is to join.")
    .addArgument(fleetArgument())
    .addOption(jsonOption())
    .action(async (fleet: string, options: { json?: true }) => {
      const { showPools } = await import("./join-verbs.js");
      showPools(context, fleet, options);
    });
  join
    .command("token")
    .summary("issue the one-time token of one node")
    .description(
      "Prints the token once, alone on standard output, and keeps only its hash in the gateway's ledger: " +
        "it cannot be had again.",
    )
    .argument("<node>", "name of the node, as `atom join plan` shows it")
    .requiredOption("--cluster <name>", "cluster that the node joins")
    .requiredOption("--pool <name>", "pool that the node joins")
    .option("--tenant <name>", "the one tenant whose pods may run on it")
    .option("--ttl <duration>", "life time, at most 24h", "15m")
    .requiredOption("--ledger <folder>", "the gateway's ledger")
    .addOption(fleetOption())
    .addOption(applyOption())
    .addHelpText("after", EXAMPLE)
    .action(async (node: string, options: TokenOptions) => {
      const { issueToken } = await import("./join-verbs.js");
      issueToken(context, node, options);
    });
}

const EXAMPLE = `
Example, without the token on a screen or in a shell's history:
  $ atom join token eu-prod-workers-1 --cluster eu-prod --pool workers --ledger /var/lib/atom/ledger --apply \\
      | ssh eu-prod-workers-1 'umask 077 && cat > /run/atom-join-token'`;
