import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { BUNDLED_PROGRAM } from "./bundled-program";

/**
 * Ends processes and removes folders when this process ends in a way that leaves it no time to do it
 * itself. One for a process; it ends with it.
 */
export class Watchdog {
  static #ofThisProcess: Watchdog | undefined;
  readonly #child: ChildProcess;

  private constructor() {
    // On the command line the program starts at once and needs no file. The number tells whose it is.
    const argv = ["-e", program(), "--", `watchdog-of-${process.pid}`];
    this.#child = spawn(process.execPath, argv, {
      cwd: "/",
      // What is kept for a program that a test runs under other conditions is not for this one.
      env: {},
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    // Without a watchdog the tests are as good; only their crash leaves something.
    this.#child.on("error", () => undefined);
    this.#child.stdin?.on("error", () => undefined);
    // Neither the child nor its pipe keeps this process alive.
    this.#child.unref();
    (this.#child.stdin as unknown as { unref(): void }).unref();
  }

  /** The one of this process, started when it is first asked for. */
  static get(): Watchdog {
    return (Watchdog.#ofThisProcess ??= new Watchdog());
  }

  /** @param what a process, which goes with all that it started, or the absolute path of a folder. */
  watch(what: number | string): void {
    this.#child.stdin?.write(`+${what}\n`);
  }

  /** @param what something watched that has ended or was removed, or is to stay. */
  forget(what: number | string): void {
    this.#child.stdin?.write(`-${what}\n`);
  }
}

function program(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, "watchdog-program.ts")],
    ...BUNDLED_PROGRAM,
  });
  return outputFiles[0]!.text;
}
