import { Command, CommanderError } from "commander";
import { UsageError } from "../support/problem";
import { packageVersions } from "../support/versions";
import { addAuditCommand } from "./audit-command";
import { addChartCommand } from "./chart-command";
import { addCheckCommand } from "./check-command";
import type { CommandContext } from "./command-context";
import { Interruption } from "./interruption";
import { addJoinCommand } from "./join-command";
import { addKeyCommand } from "./key-command";
import { addMirrorCommand } from "./mirror-command";
import { addPlaybookCommand } from "./playbook-command";
import { addSchemaCommand } from "./schema-command";
import { addServeCommand } from "./serve-command";
import { addSimulateCommand } from "./simulate-command";
import { EXIT } from "./terminal";
import type { ExitCode, Terminal } from "./terminal";
import { addVaultCommand } from "./vault-command";

/**
 * Runs `atom` with a process's arguments.
 *
 * @returns the exit code: 0, 1 for a failed run, 2 for a user's mistake, 130 after Ctrl-C, 143 after SIGTERM.
 */
export async function runCommandLine(
  argv: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const interruption = new Interruption();
  let code: ExitCode = EXIT.ok;
  const program = createProgram({
    terminal,
    get signal() {
      return interruption.signal;
    },
    finish: (ended) => (code = ended),
  });
  try {
    await interruption.end(() => program.parseAsync([...argv]));
    return code === EXIT.interrupted ? (interruption.exitCode ?? code) : code;
  } catch (error) {
    if (interruption.exitCode === undefined) return explain(error, terminal);
    terminal.error(
      "atom: interrupted; a state file holds its old or its new content, never half of it\n",
    );
    return interruption.exitCode;
  }
}

/** The program with all its verbs, for `runCommandLine` and for the page that lists them. */
export function createProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command("atom")
    .description("Self-host ATOM Cloud: plan, simulate, audit and run it on your own machines.")
    .version(packageVersions()["atom-selfhost"] ?? "unknown")
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.error })
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError()
    .exitOverride();
  const verbs = [
    addSimulateCommand,
    addCheckCommand,
    addAuditCommand,
    addChartCommand,
    addKeyCommand,
    addMirrorCommand,
    addVaultCommand,
    addJoinCommand,
    addPlaybookCommand,
    addServeCommand,
    addSchemaCommand,
  ];
  for (const add of verbs) add(program, context);
  return program;
}

function explain(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) {
    // Help and version end here too, with exit code 0; commander has printed its words.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (error instanceof UsageError) {
    terminal.error(`${error.message}\n`);
    return EXIT.usage;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.error(`atom: this is a bug\n${text}\n`);
  return EXIT.failed;
}
