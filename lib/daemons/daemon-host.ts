import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Daemon, DaemonStatus } from "./daemon";
import { DaemonMetrics } from "./daemon-metrics";

/**
 * Runs daemons in one process: each passes at once and then at an interval, a pass never overlaps
 * itself, and one daemon's failure touches no other.
 */
export class DaemonHost {
  readonly metrics: DaemonMetrics;
  readonly #daemons: readonly Daemon[];
  readonly #log: Logger;
  readonly #statuses = new Map<string, DaemonStatus>();
  readonly #pauses = new Set<AbortController>();
  #stopped = false;

  /** @param metrics whose registry may hold a daemon's own metrics too. */
  constructor(daemons: readonly Daemon[], log: Logger, metrics = new DaemonMetrics()) {
    this.metrics = metrics;
    this.#daemons = daemons;
    this.#log = log;
    for (const { name } of daemons) {
      this.#statuses.set(name, { name, status: "starting", summary: "first pass not ended" });
    }
  }

  get statuses(): readonly DaemonStatus[] {
    return [...this.#statuses.values()];
  }

  get healthy(): boolean {
    return this.statuses.every(({ status }) => status === "healthy");
  }

  /** One pass of every daemon, in turn. */
  async passAll(): Promise<void> {
    for (const daemon of this.#daemons) await this.#pass(daemon);
  }

  /**
   * Passes now and every `intervalSeconds` after the end of the pass before, or sooner if a daemon has a
   * reason, until {@link stop}.
   */
  start(intervalSeconds: number): void {
    for (const daemon of this.#daemons) void this.#repeat(daemon, intervalSeconds * 1000);
  }

  stop(): void {
    this.#stopped = true;
    for (const pause of this.#pauses) pause.abort();
    for (const daemon of this.#daemons) daemon.stop?.();
  }

  async #repeat(daemon: Daemon, milliseconds: number): Promise<void> {
    while (!this.#stopped) {
      await this.#pass(daemon);
      if (!this.#stopped) await this.#pause(daemon, milliseconds);
    }
  }

  async #pause(daemon: Daemon, milliseconds: number): Promise<void> {
    const pause = new AbortController();
    const { signal } = pause;
    const over = sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    this.#pauses.add(pause);
    try {
      await Promise.race([over, daemon.changed?.(signal) ?? over]);
    } catch {
      this.#log.error({ daemon: daemon.name }, "cannot tell whether something has changed");
      await over;
    } finally {
      this.#pauses.delete(pause);
      pause.abort();
    }
  }

  async #pass(daemon: Daemon): Promise<void> {
    const { name } = daemon;
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    try {
      const { healthy, summary } = await daemon.reconcile();
      const status = healthy ? "healthy" : "unhealthy";
      this.#statuses.set(name, { name, status, summary });
      this.metrics.passed(name, status, seconds());
      this.#log[healthy ? "info" : "warn"]({ daemon: name }, summary);
    } catch (error) {
      const summary = error instanceof Error ? error.message : "the pass failed";
      this.#statuses.set(name, { name, status: "unhealthy", summary });
      this.metrics.passed(name, "failed", seconds());
      this.#log.error({ daemon: name }, summary);
    }
  }
}
