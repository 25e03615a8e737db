/** Bytes that have to pass in each window; slower is as good as silent. */
const LEAST_PROGRESS = 64 * 1024;

/**
 * Ends an exchange whose other side is silent, or feeds it by the drop. Time in which this side is the
 * one to act does not count: pause it then.
 *
 * It is told of every chunk, so one timer runs on, and looks when it fires whether it was too early. It
 * keeps no process alive: what it guards does.
 */
export class StallGuard {
  readonly #window: number;
  readonly #end: () => void;
  #stalled = false;
  #timer: NodeJS.Timeout | undefined;
  /** Of the window, in milliseconds, when it was last the other side's turn. */
  #left: number;
  /** Since when it is the other side's turn; undefined while it is ours. */
  #since: number | undefined;
  #bytes = 0;

  /**
   * @param window milliseconds.
   * @param end is called once, if the exchange stalls.
   */
  constructor(window: number, end: () => void) {
    this.#window = window;
    this.#left = window;
    this.#end = end;
  }

  /** The other side's turn. */
  run(): void {
    this.#since ??= performance.now();
    if (this.#timer === undefined) this.#arm();
  }

  /** Our turn. */
  pause(): void {
    this.#left = this.#remaining();
    this.#since = undefined;
  }

  /** The end. A timer that ran on would keep what it guards in memory. */
  stop(): void {
    this.pause();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Counts what has passed; enough of it opens a new window. */
  progress(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= LEAST_PROGRESS) this.renew();
  }

  renew(): void {
    this.#bytes = 0;
    this.#left = this.#window;
    if (this.#since !== undefined) this.#since = performance.now();
  }

  /** What is to be said of the stall that ended the exchange; undefined if none did. */
  get stall(): string | undefined {
    return this.#stalled ? `too slow or silent for ${this.#window} ms` : undefined;
  }

  #remaining(): number {
    return this.#since === undefined ? this.#left : this.#left - (performance.now() - this.#since);
  }

  #arm(): void {
    this.#timer = setTimeout(() => this.#look(), Math.max(1, this.#remaining())).unref();
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#since === undefined) return;
    if (this.#remaining() > 0) return this.#arm();
    this.#stalled = true;
    this.#end();
  }
}
