import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import type { CommandContext } from "./command-context";
import { withServers } from "./expected-failure";
import { applyOption, fleetArgument, jsonOption } from "./fleet-option";
import { planOption } from "./plan-option";
import type { VaultOptions } from "./vault-task";

/** `atom vault` */
export function addVaultCommand(program: Command, context: CommandContext): void {
  const vault = program
    .command("vault")
    .summary("replicate the tenants' secrets from one Vault to another")
    .description(
      "Compares the secrets that tenants opted into (versions, deletes, custom metadata) and makes the " +
        "replica equal, signed and verified. Tokens come from VAULT_PRIMARY_TOKEN and from " +
        "VAULT_SECONDARY_TOKEN, or VAULT_TOKEN where that is not set. No value is printed or logged. If a " +
        "Vault cannot be reached, the answer is SYNC_SIMULATED, nothing is written, and the exit code is 1.",
    )
    .addHelpText("after", EXAMPLES);
  common(vault.command("plan"))
    .summary("show what differs")
    .description("Reads both Vaults and writes nothing.")
    .action((fleet: string, options: VaultOptions) =>
      withServers(context, async () => {
        const { showReplication } = await import("./vault-verbs.js");
        await showReplication(context, fleet, options);
      }),
    );
  common(vault.command("sync"))
    .summary("make the replica equal to the primary")
    .description(
      "Signs each replica with the key at COSIGN_KEY_PATH and appends every step to vault_sync.log beside " +
        "the fleet file, or in the working directory with --plan.",
    )
    .addOption(applyOption())
    .action((fleet: string, options: VaultOptions & { apply?: true }) =>
      withServers(context, async () => {
        const { showReplication, syncReplica } = await import("./vault-verbs.js");
        if (options.apply) return syncReplica(context, fleet, options);
        await showReplication(context, fleet, options);
        context.terminal.error("nothing was written; replicate with --apply\n");
      }),
    );
}

const EXAMPLES = `
Examples:
  $ atom vault plan --region eu-west
  $ atom vault sync --region eu-west --apply
  $ atom vault sync --region eu-west --confirm tenants/acme/smtp --apply
                                  let a held removal or rebuild happen`;

function common(verb: Command): Command {
  return verb
    .addArgument(fleetArgument())
    .option("--region <name>", "whose cluster's replica; may be left out if there is one region")
    .option("--confirm <path...>", "paths whose replica may lose values", confirmedPath)
    .addOption(planOption("servers, tokens and secrets"))
    .addOption(jsonOption());
}

/** A list of values takes whatever comes first after the option: `--confirm --apply` would be a path. */
function confirmedPath(value: string, before: readonly string[] = []): readonly string[] {
  if (value.startsWith("-")) throw new InvalidArgumentError("It is no path of a secret.");
  return [...before, value];
}
