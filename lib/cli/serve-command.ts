import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { DAEMON_PORT, DAEMONS } from "../platform/daemon";
import type { CommandContext } from "./command-context";
import { fleetOption } from "./fleet-option";
import type { ServeOptions } from "./serve-verb";
import { port } from "./simulate-command";

/** `atom serve` */
export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command("serve")
    .summary("run the platform's daemons, with /health and /metrics")
    .description(
      "Runs the daemons in this process until Ctrl-C or SIGTERM. Each looks at once and then at an " +
        "interval; it mends nothing, but for the mirror's with --sync-mirror. What cannot be reached makes its daemon unhealthy, and no other. " +
        "/health answers 200 if all are healthy and 503 if not; /metrics is for Prometheus.",
    )
    .addOption(
      new Option("--only <name...>", "run only these").choices(DAEMONS.map(({ name }) => name)),
    )
    .addOption(fleetOption())
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on, 0 for any", port, DAEMON_PORT)
    .option("--interval <seconds>", "time between two looks", seconds, 300)
    .option(
      "--sync-mirror",
      "copy, sign and verify images that the mirror lacks, as `atom mirror sync --apply` does",
    )
    .option(
      "--live",
      "policy-monitor watches the fleet's clusters, instead of auditing what is planned",
    )
    .option("--cluster <name>", "with --live: the one cluster of the fleet to watch")
    .option(
      "--context <name>",
      "with --live: its kube context; inClusterContext is a pod's account",
    )
    .option("--vault <address>", "with --live: scan a Vault, too, with the token in VAULT_TOKEN")
    .option("--reports <folder>", 'with --live: folder to write the audit below (default: ".")')
    .addHelpText("after", daemonList())
    .action(async (options: ServeOptions) => {
      const { serve } = await import("./serve-verb.js");
      await serve(context, options);
    });
}

function daemonList(): string {
  const lines = DAEMONS.map(({ name, purpose }) => `  ${name.padEnd(16)}${purpose}`);
  return `\nDaemons, and what each looks at:\n${lines.join("\n")}`;
}

function seconds(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 86_400) return number;
  throw new InvalidArgumentError("an interval is a whole number of seconds from 1 to 86400.");
}
