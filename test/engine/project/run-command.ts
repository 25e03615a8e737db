import { spawn } from "node:child_process";
import { killTree } from "../kill-tree";
import { signalGroup } from "../signal-group";
import { Watchdog } from "../watchdog";

export interface Outcome {
  /** -1 if a signal ended it; standard error tells of one that took too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly folder: string;
  /** The whole environment: nothing of the developer's own is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Kills it and all that it started. */
  readonly signal?: AbortSignal;
  /** In milliseconds. @default 300000 */
  readonly patience?: number;
  /** Called with each line of standard output as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end, in a process group of its own that goes with it, and with this process. */
export function runCommand(
  command: string,
  argv: readonly string[],
  { folder, environment, stdin, signal, patience = 300_000, onLine }: CommandOptions,
): Promise<Outcome> {
  // Before there is anything to watch: starting it takes a moment.
  const watchdog = Watchdog.get();
  return new Promise((resolve, reject) => {
    const child = spawn(command, argv, {
      cwd: folder,
      env: { ...environment },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid !== undefined) watchdog.watch(pid);
    const kill = () => killTree(pid);
    const timer = setTimeout(() => {
      stderr += `\n${command} was killed: it took over ${patience / 1000} s\n`;
      kill();
    }, patience);
    signal?.addEventListener("abort", kill, { once: true });
    let stdout = "";
    let stderr = "";
    let told = 0;
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
      if (onLine === undefined) return;
      for (let end = stdout.indexOf("\n", told); end >= 0; end = stdout.indexOf("\n", told)) {
        onLine(stdout.slice(told, end));
        told = end + 1;
      }
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", kill);
      signalGroup(pid, "SIGKILL");
      if (pid !== undefined) watchdog.forget(pid);
      resolve({ code: code ?? -1, stdout, stderr });
    });
    // A program that does not read its input may be gone before it is written.
    child.stdin.on("error", () => undefined).end(stdin ?? "");
  });
}

/** {@link runCommand}, for what has to succeed. @throws Error with what the program printed. */
export async function mustRun(
  command: string,
  argv: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, argv, options);
  if (code === 0) return stdout;
  throw new Error(`${command} ${argv.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
}
