/** Bytes that have to pass in each window; slower is as good as silent. */
const LEAST_PROGRESS = 64 * 1024;

/**
 * Aborts an exchange whose other side is silent, or feeds it by the drop. Time in which this side is
 * the one to act does not count: pause it then.
 */
export class StallGuard {
  readonly #window: number;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #left: number;
  #startedAt = 0;
  #bytes = 0;

  /** @param window milliseconds. */
  constructor(window: number) {
    this.#window = window;
    this.#left = window;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The other side's turn. */
  run(): void {
    clearTimeout(this.#timer);
    this.#startedAt = performance.now();
    this.#timer = setTimeout(() => this.#controller.abort(), Math.max(0, this.#left));
  }

  /** Our turn, or the end. */
  pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left -= performance.now() - this.#startedAt;
  }

  /** Counts what has passed; enough of it opens a new window. */
  progress(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= LEAST_PROGRESS) this.renew();
  }

  renew(): void {
    this.#bytes = 0;
    this.#left = this.#window;
  }

  /** Why an exchange ended: the stall, if that was it, else what is given. */
  describe(otherwise: string): string {
    return this.signal.aborted ? `too slow or silent for ${this.#window} ms` : otherwise;
  }
}
