import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { killChild, startChild } from "./plugin-process";

export interface CommandRun {
  readonly command: string;
  /** Program and arguments that the command is the last argument of. @default /bin/sh -c */
  readonly interpreter: readonly string[];
  /** @default the provider's own folder, which is the project's */
  readonly folder: string | undefined;
  /** In addition to the provider's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Takes each line of an output as it comes; outputs without one are not logged. */
  readonly log: { readonly stdout?: LineLog; readonly stderr?: LineLog };
}

export type LineLog = (line: string) => void;

const running = new Set<ChildProcess>();

/**
 * Runs a command to its end.
 *
 * @throws Error with what it printed if it fails.
 * @returns both outputs, without a newline at the end.
 */
export async function runCommand(run: CommandRun): Promise<{ stdout: string; stderr: string }> {
  const [program = "/bin/sh", ...argv] = run.interpreter;
  const child = startChild(program, [...argv, run.command], {
    cwd: run.folder,
    env: { ...process.env, ...run.environment },
    detached: true,
    stdio: [run.stdin === "" ? "ignore" : "pipe", "pipe", "pipe"],
  });
  // A command need not read its input.
  child.stdin?.on("error", () => {}).end(run.stdin);
  const both: Buffer[] = [];
  const stdout = collect(child.stdout!, both, run.log.stdout);
  const stderr = collect(child.stderr!, both, run.log.stderr);
  running.add(child);
  const end = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ? `signal: ${signal}` : `${code}`));
  });
  running.delete(child);
  if (end !== "0") {
    const reason = /^\d+$/.test(end) ? `exit status ${end}` : end;
    const printed = Buffer.concat(both).toString("utf8");
    throw new Error(`${reason}: running ${JSON.stringify(run.command)}:\n${printed}`);
  }
  return { stdout: textOf(stdout), stderr: textOf(stderr) };
}

/** Ends every command that runs, and what it started. */
export function killCommands(): void {
  for (const child of running) killChild(child);
}

function collect(output: Readable, both: Buffer[], log: LineLog | undefined): Buffer[] {
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    both.push(chunk);
  });
  if (log !== undefined) createInterface({ input: output }).on("line", log);
  return chunks;
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8").replace(/\n$/, "");
}
