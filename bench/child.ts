import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

export interface ChildOptions {
  /** Standard input. @default - none */
  readonly input?: string;
  /** Working directory. @default - this process's */
  readonly folder?: string;
  /** @default - this process's */
  readonly environment?: NodeJS.ProcessEnv;
  /** Options of Node itself. @default - none */
  readonly nodeOptions?: readonly string[];
}

/**
 * What docs/large-fleets.md tells to set for many objects: as many of V8's threads as the machine has
 * cores to spare, not four, and a young generation that stays small.
 */
export const FOR_MANY_OBJECTS: readonly string[] = ["--v8-pool-size=0", "--max-semi-space-size=4"];

export interface ChildRun {
  readonly seconds: number;
  /** Peak resident memory in MB (10^6 bytes), as the kernel accounts it. */
  readonly megabytes: number;
  /** What it printed. */
  readonly output: string;
}

/**
 * Runs a program of this package as a process of its own and measures the whole of it, start-up
 * included.
 *
 * @throws Error with the program's last words if it fails.
 */
export async function measureChild(
  file: string,
  args: readonly string[],
  { input, folder: cwd, environment: env, nodeOptions = [] }: ChildOptions = {},
): Promise<ChildRun> {
  const folder = mkdtempSync(join(tmpdir(), "atom-bench-"));
  const note = join(folder, "memory");
  // Written in the exit handler, where only synchronous work is done.
  const report = `import { writeFileSync } from "node:fs";
    process.on("exit", () => writeFileSync(${JSON.stringify(note)}, String(process.resourceUsage().maxRSS)));`;
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [
      "--stack-trace-limit=0",
      ...nodeOptions,
      "--import",
      `data:text/javascript,${encodeURIComponent(report)}`,
      file,
      ...args,
    ],
    { stdio: ["pipe", "pipe", "pipe"], cwd, env },
  );
  child.stdin.end(input);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`${file} exited with ${code}\n${output.slice(-2000)}`);
  const kilobytes = Number(readFileSync(note, "utf8"));
  rmSync(folder, { recursive: true });
  return { seconds, megabytes: (kilobytes * 1024) / 1e6, output };
}
