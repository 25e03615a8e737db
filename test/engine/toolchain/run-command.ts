import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { signalGroup } from "../signal-group";

/** Time between asking a command to end and ending it. */
const GRACE_MILLISECONDS = 3_000;

export interface Command {
  /** Program and arguments; no shell is between. */
  readonly argv: readonly [string, ...string[]];
  readonly folder: string;
  /** Set on top of this process' own. @default nothing */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What every command of one part shares. */
export interface CommandContext {
  /** File that the command and all that it prints are added to. */
  readonly log: string;
  /** Ends the command with all its children. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command to its end, and gives what it wrote to standard output.
 *
 * @throws the signal's reason if it was aborted; Error if it cannot be started or does not exit with 0.
 */
export async function runCommand(command: Command, context: CommandContext): Promise<string> {
  const { argv, folder, environment = {} } = command;
  const { log, signal } = context;
  signal.throwIfAborted();
  appendFileSync(log, `$ ${argv.join(" ")}\n`);

  const [program, ...rest] = argv;
  const child = spawn(program, rest, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that compilers and installers end with it.
    detached: true,
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    appendFileSync(log, chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => appendFileSync(log, chunk));

  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    signalGroup(child.pid, "SIGTERM");
    timer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MILLISECONDS);
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    const [code] = (await once(child, "close")) as [number | null];
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`'${argv.join(" ")}' ended with ${code ?? "a signal"}`);
  } finally {
    signal.removeEventListener("abort", end);
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
