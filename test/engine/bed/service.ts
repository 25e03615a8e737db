import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { signalGroup } from "../signal-group";
import { Watchdog } from "../watchdog";

export interface ServiceOptions {
  /** In messages, and the log file's name. */
  readonly name: string;
  readonly command: string;
  readonly argv: readonly string[];
  /** What the service sees besides PATH and HOME; a developer's own settings do not reach it. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder: string;
  /** File that standard output and standard error go to. */
  readonly logPath: string;
}

const LOG_LINES = 20;
const POLL = 50;
/** Time between asking a service to end and ending it, in milliseconds. */
const GRACE = 1_000;

/** A server of the bed, in a process group of its own: the terminal's Ctrl-C is for us to hand on. */
export class Service {
  readonly name: string;
  readonly logPath: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #end: string | undefined;

  constructor(options: ServiceOptions) {
    const { name, command, argv, environment = {}, folder, logPath } = options;
    this.name = name;
    this.logPath = logPath;
    const log = openSync(logPath, "a");
    const { PATH = "", HOME = "" } = process.env;
    this.#child = spawn(command, argv, {
      cwd: folder,
      env: { PATH, HOME, ...environment },
      detached: true,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#end = `cannot be started: ${error.message}`;
        resolve();
      });
      this.#child.once("exit", (code, signal) => {
        this.#end = `ended with ${signal ?? `exit code ${code}`}`;
        this.#forget();
        resolve();
      });
    });
    if (this.#child.pid !== undefined) Watchdog.get().watch(this.#child.pid);
  }

  /**
   * Waits until the probe says yes; a probe that throws says not yet.
   *
   * @param patience in milliseconds.
   * @throws Error with the log's last lines if the service ends first, or takes longer.
   */
  async ready(probe: () => Promise<boolean>, patience = 30_000): Promise<this> {
    const deadline = Date.now() + patience;
    let last: unknown = "it says no";
    while (Date.now() < deadline) {
      if (this.#end !== undefined) throw this.#failure(this.#end);
      try {
        if (await probe()) return this;
      } catch (error) {
        last = error;
      }
      await sleep(POLL);
    }
    throw this.#failure(`is not ready after ${patience / 1000} s (${String(last)})`);
  }

  /** Ends the process and waits until it is gone. */
  async stop(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined || this.#end !== undefined) return;
    signalGroup(pid, "SIGTERM");
    const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), GRACE);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Its number may be another process's by the time that somebody asks the watchdog. */
  #forget(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    // What it started itself and left behind, such as a child of its own.
    signalGroup(pid, "SIGKILL");
    Watchdog.get().forget(pid);
  }

  #failure(what: string): Error {
    const lines = readFileSync(this.logPath, "utf8").trimEnd().split("\n").slice(-LOG_LINES);
    return new Error(`${this.name} ${what}; its log (${this.logPath}) ends:\n${lines.join("\n")}`);
  }
}
