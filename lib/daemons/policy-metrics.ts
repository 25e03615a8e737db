import { Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { PolicyMatrix } from "../policy/matrix";

/** What one scan of a cluster came to. */
export interface ScanFigures {
  readonly cluster: string;
  /** Read of the cluster. */
  readonly objects: number;
  /** Unix time. */
  readonly timestamp: number;
  /** Of reading and judging. */
  readonly seconds: number;
}

/** Rows of one metric: a monitor must not bring down the Prometheus that watches it. */
const MOST_ROWS = 2_000;
/** The tenant of the rows that are added up beyond that. */
const REST = "(others)";

/** Prometheus metrics of the policy monitor. The platform's own violations have an empty tenant. */
export class PolicyMetrics {
  readonly #violations: Gauge<"rule" | "cluster" | "tenant">;
  readonly #waived: Gauge<"cluster">;
  readonly #objects: Gauge<"cluster">;
  readonly #timestamp: Gauge<"cluster">;
  readonly #duration: Gauge<"cluster">;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ["cluster"] as const;
    this.#violations = new Gauge({
      name: "atom_policy_violations",
      help: "Findings that stand, by rule, cluster and tenant; what has none has no row.",
      labelNames: ["rule", "cluster", "tenant"] as const,
      registers,
    });
    this.#waived = new Gauge({
      name: "atom_policy_waived_violations",
      help: "Findings that a waiver lifts.",
      labelNames,
      registers,
    });
    this.#objects = new Gauge({
      name: "atom_policy_scanned_objects",
      help: "Objects that the last scan read.",
      labelNames,
      registers,
    });
    this.#timestamp = new Gauge({
      name: "atom_policy_scan_timestamp_seconds",
      help: "Unix time of the last scan that saw everything; its age is time() less this.",
      labelNames,
      registers,
    });
    this.#duration = new Gauge({
      name: "atom_policy_scan_duration_seconds",
      help: "How long the last scan took that saw everything.",
      labelNames,
      registers,
    });
  }

  /** Takes an audit, which says all there is: what is not in it is no more. */
  audited(matrix: PolicyMatrix, scans: readonly ScanFigures[]): void {
    this.#violations.reset();
    for (const { labels, count } of violationRows(matrix)) this.#violations.set(labels, count);
    for (const gauge of [this.#waived, this.#objects, this.#timestamp, this.#duration]) {
      gauge.reset();
    }
    for (const { cluster, findings } of matrix.clusters) {
      this.#waived.set({ cluster }, findings.filter(({ waiver }) => waiver !== undefined).length);
    }
    for (const { cluster, objects, timestamp, seconds } of scans) {
      this.#objects.set({ cluster }, objects);
      this.#timestamp.set({ cluster }, timestamp);
      this.#duration.set({ cluster }, seconds);
    }
  }
}

interface Row {
  readonly labels: { readonly rule: string; readonly cluster: string; readonly tenant: string };
  count: number;
}

/** Those that do not fit are added up by rule and cluster: every finding is in some row. */
function violationRows({ clusters }: PolicyMatrix): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { cluster, findings } of clusters) {
    for (const { rule, tenant = "", waiver } of findings) {
      if (waiver !== undefined) continue;
      const own = [rule, cluster, tenant].join("\n");
      const isNew = !rows.has(own);
      const labels = { rule, cluster, tenant: isNew && rows.size >= MOST_ROWS ? REST : tenant };
      const key = [rule, cluster, labels.tenant].join("\n");
      const row = rows.get(key) ?? { labels, count: 0 };
      rows.set(key, row);
      row.count += 1;
    }
  }
  return [...rows.values()];
}
