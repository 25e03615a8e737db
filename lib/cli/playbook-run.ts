import { spawn } from "node:child_process";
import { refuseUnderSimulation } from "../fleet/simulation-mode";
import { localArgv } from "../support/playbook-run";
import { UsageError } from "../support/problem";
import type { CommandContext } from "./command-context";
import { playbookRequestSchema, readPlaybookRun } from "./playbook-request";
import type { PlaybookConsent } from "./playbook-request";
import { readPlan } from "./standard-input";
import { EXIT } from "./terminal";
import type { ExitCode } from "./terminal";

/** Runs a planned playbook and ends with its exit code. */
export async function runPlaybook(
  context: CommandContext,
  options: PlaybookConsent,
): Promise<void> {
  if (options.apply) {
    refuseUnderSimulation(context.terminal.environment, "atom playbook --apply");
  }
  const run = readPlaybookRun(await readPlan(playbookRequestSchema), options);
  const how = run.mode === "check" ? "dry run" : "applying";
  context.terminal.error(`${run.playbook} (${how}), plan ${run.planHash}\n`);
  const argv = localArgv(run, process.cwd());
  context.finish(await start(context, argv[0]!, argv.slice(1)));
}

function start(
  { terminal, signal }: CommandContext,
  program: string,
  args: readonly string[],
): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      shell: false,
      env: terminal.environment,
      // Nothing is asked of a person: a run that wants a password fails instead of waiting.
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stop = () => child.kill("SIGINT");
    signal.addEventListener("abort", stop, { once: true });
    child.stdout.setEncoding("utf8").on("data", (text: string) => terminal.out(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => terminal.error(text));
    child.on("error", (error: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", stop);
      reject(error.code === "ENOENT" ? notInstalled(program) : error);
    });
    child.on("close", (code) => {
      signal.removeEventListener("abort", stop);
      resolve(signal.aborted ? EXIT.interrupted : (code ?? EXIT.failed));
    });
  });
}

function notInstalled(program: string): UsageError {
  return new UsageError("playbook run", [
    {
      path: program,
      message: "is not installed, or not on PATH",
      mend: "install it with: pipx install ansible-core",
    },
  ]);
}
