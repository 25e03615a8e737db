import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

/**
 * What the watchdog runs: it reads the numbers of the processes to watch (`+12`) and of those that
 * were stopped (`-12`) from a pipe, and a pipe is closed however its writer ends. Plain JavaScript on
 * the command line starts at once and needs no file.
 */
const PROGRAM = `
let text = "";
process.on("SIGINT", () => {}).on("SIGTERM", () => {});
process.stdin.on("data", (chunk) => (text += chunk)).on("end", () => {
  const left = new Set();
  for (const line of text.split("\\n").filter(Boolean)) {
    if (line.startsWith("+")) left.add(line.slice(1));
    else left.delete(line.slice(1));
  }
  for (const pid of left) {
    try { process.kill(-Number(pid), "SIGKILL"); } catch {}
  }
});`;

/** Ends process groups when this process ends in a way that leaves it no time to do it itself. */
export class Watchdog {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn(process.execPath, ["-e", PROGRAM], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    // Neither the child nor its pipe keeps this process alive.
    this.#child.unref();
    (this.#child.stdin as unknown as { unref(): void }).unref();
  }

  watch(pid: number): void {
    this.#child.stdin?.write(`+${pid}\n`);
  }

  forget(pid: number): void {
    this.#child.stdin?.write(`-${pid}\n`);
  }
}
