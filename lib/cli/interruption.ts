import { EXIT } from "./terminal";
import type { ExitCode } from "./terminal";

/** So long a verb that listens may take to put things in order. A second signal ends it at once. */
const GRACE_MILLISECONDS = 5_000;

/** So soon after the first signal another one is the same: npm and npx pass on what the terminal sent to all. */
const ECHO_MILLISECONDS = 300;

/** Ctrl-C, or the SIGTERM of whoever ends services: the first one ends a verb, the second the process. */
export class Interruption {
  readonly #stopping = new AbortController();
  #heard = false;
  #exitCode: ExitCode | undefined;

  /**
   * Aborted by the first signal. A verb that asks for it is given time to end by itself: it may have a
   * half file to remove. One that never asked has nothing to put in order, and is not waited for.
   */
  get signal(): AbortSignal {
    this.#heard = true;
    return this.#stopping.signal;
  }

  /** 128 and the signal's number; undefined while there was none. */
  get exitCode(): ExitCode | undefined {
    return this.#exitCode;
  }

  /**
   * Runs a verb, and stops waiting for it once it was interrupted: whatever it waits for, a pipe that
   * nobody closes or a server that is silent.
   *
   * @throws Error if it did not end by itself.
   */
  async end(verb: () => Promise<unknown>): Promise<void> {
    let grace: NodeJS.Timeout | undefined;
    let first: number | undefined;
    let stop!: (name: NodeJS.Signals) => void;
    const stopped = new Promise<never>((_, reject) => {
      stop = (name) => {
        if (first !== undefined) {
          if (performance.now() - first < ECHO_MILLISECONDS) return;
          // By the default action, so that nothing can hang.
          process.off("SIGINT", stop).off("SIGTERM", stop);
          process.kill(process.pid, name);
          return;
        }
        // It goes on listening: what hides the cursor ends the process where it finds itself the only one to do so.
        first = performance.now();
        const interrupted = new Error("interrupted");
        this.#exitCode = name === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
        this.#stopping.abort(interrupted);
        grace = setTimeout(reject, this.#heard ? GRACE_MILLISECONDS : 0, interrupted);
      };
    });
    process.on("SIGINT", stop).on("SIGTERM", stop);
    try {
      await Promise.race([verb(), stopped]);
    } finally {
      clearTimeout(grace);
      process.off("SIGINT", stop).off("SIGTERM", stop);
    }
  }
}
