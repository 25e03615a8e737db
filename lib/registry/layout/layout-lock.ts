import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../support/lock";
import { UsageError } from "../../support/problem";
import { OneAtATime } from "../one-at-a-time";

/** Changes take milliseconds: who holds the lock for so long is stuck, or no process of ours. */
const PATIENCE_MILLISECONDS = 30_000;
const PAUSE_MILLISECONDS = 10;

/**
 * Lets one change of a layout's index happen at a time, of this process and of all others that write
 * into the folder. A change that comes meanwhile waits.
 */
export class LayoutLock {
  readonly #path: string;
  readonly #turns = new OneAtATime();

  /** @param root the OCI layout's folder. */
  constructor(root: string) {
    this.#path = join(root, ".index.lock");
  }

  /**
   * @param change must not ask for the lock itself.
   * @throws UsageError if another process keeps the lock.
   */
  run<T>(change: () => Promise<T>): Promise<T> {
    return this.#turns.run(this.#path, () => this.#run(change));
  }

  async #run<T>(change: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      let held = false;
      try {
        return await withLock(this.#path, () => {
          held = true;
          return change();
        });
      } catch (error) {
        const busy = error instanceof UsageError && !held;
        if (!busy || performance.now() > deadline) throw error;
      }
      await sleep(PAUSE_MILLISECONDS);
    }
  }
}
