import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** Prometheus metrics of the daemons of one process, in a registry of their own. */
export class DaemonMetrics {
  readonly registry = new Registry();

  readonly #healthy = new Gauge({
    name: "atom_daemon_healthy",
    help: "Whether what the daemon keeps true was true at its last pass (1) or not (0).",
    labelNames: ["daemon"] as const,
    registers: [this.registry],
  });
  readonly #passes = new Counter({
    name: "atom_daemon_reconciliations_total",
    help: "Passes of a daemon by outcome: healthy, unhealthy or failed.",
    labelNames: ["daemon", "outcome"] as const,
    registers: [this.registry],
  });
  readonly #lastHealthy = new Gauge({
    name: "atom_daemon_last_healthy_timestamp_seconds",
    help: "Unix time of the daemon's last healthy pass.",
    labelNames: ["daemon"] as const,
    registers: [this.registry],
  });
  readonly #duration = new Histogram({
    name: "atom_daemon_reconciliation_duration_seconds",
    help: "How long a daemon's pass took.",
    labelNames: ["daemon"] as const,
    buckets: [0.01, 0.1, 1, 10, 60, 600],
    registers: [this.registry],
  });

  passed(daemon: string, outcome: "healthy" | "unhealthy" | "failed", seconds: number): void {
    this.#healthy.set({ daemon }, outcome === "healthy" ? 1 : 0);
    this.#passes.inc({ daemon, outcome });
    this.#duration.observe({ daemon }, seconds);
    if (outcome === "healthy") this.#lastHealthy.set({ daemon }, Date.now() / 1000);
  }
}
