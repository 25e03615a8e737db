import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { fleetArgument, jsonOption } from "./fleet-option";
import { closingTable, showProgress } from "./progress";
import type { CommandContext } from "./command-context";
import { EXIT } from "./terminal";
import { unwrittenRun } from "./unwritten-run";

/** `atom simulate` */
export function addSimulateCommand(program: Command, context: CommandContext): void {
  program
    .command("simulate")
    .summary("self-host a fleet on this machine and report on it")
    .description(
      "Runs the stacks of a fleet in this process, with an OCI layout for a registry, memory for a " +
        "Vault and a key that is thrown away, and writes reports/, docs/policies/ and logs/. " +
        "Two runs write the same bytes, logs/ aside. Exits 1 if a step failed or a policy is violated, and 2 " +
        "if it cannot write: no snapshot is left beside half a run.",
    )
    .addArgument(fleetArgument())
    .option("-o, --out <folder>", "folder to write below", folderName, ".")
    .option("--port <number>", "port for /health; another is used if it is taken", port, 8600)
    .addOption(jsonOption())
    .action(async (fleet: string, options: { out: string; port: number; json?: true }) => {
      const { terminal, signal, finish } = context;
      // Loaded here: the SDKs behind it are half a second that no other verb has to wait for.
      const { simulate } = await import("../simulation/simulate.js");
      const progress = await showProgress(
        options.json ? { ...terminal, terminal: false } : terminal,
      );
      // While it draws it holds back what else is printed.
      const close = () => void progress.close();
      signal.addEventListener("abort", close);
      try {
        const result = await simulate({
          fleetPath: fleet,
          out: options.out,
          environment: terminal.environment,
          port: options.port,
          listener: options.json ? {} : progress,
          signal,
        }).catch((error: unknown) => {
          throw unwrittenRun(error, options.out);
        });
        await progress.close();
        signal.throwIfAborted();
        terminal.out(
          options.json
            ? `${JSON.stringify(result, null, 2)}\n`
            : `\n${closingTable(result.steps)}\n\n${closingWords(result.ok, options.out)}\n`,
        );
        finish(result.ok ? EXIT.ok : EXIT.failed);
      } finally {
        signal.removeEventListener("abort", close);
        await progress.close();
      }
    });
}

function closingWords(ok: boolean, out: string): string {
  const where = out === "." ? "" : `${out}/`;
  return ok
    ? `Done. Start with ${where}reports/G.3.6_policy_monitor.md and ${where}reports/rendered/.`
    : `Something failed. See ${where}reports/G.3.6_policy_monitor.md and ${where}logs/G.3_end2end.log.`;
}

/** An empty name is mostly a variable that is not set. */
export function folderName(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("a folder has a name; . is this one.");
}

export function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65535) return number;
  throw new InvalidArgumentError("a port is a whole number from 0 to 65535.");
}
