import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadedFleet } from "../fleet/read-fleet";
import { ClusterWatch } from "../monitor/cluster-watch";
import { liveGraph } from "../monitor/live-graph";
import type { LiveFacts } from "../monitor/live-graph";
import { LIVE_RULES } from "../monitor/live-rules";
import { scanTargets } from "../monitor/scan-target";
import type { ScanChoice, ScanTarget } from "../monitor/scan-target";
import { scanVault } from "../monitor/scan-vault";
import { writeAudit } from "../monitor/write-audit";
import type { RuleResult } from "../policy/evaluation/evaluate";
import { LiveEvaluation } from "../policy/evaluation/live-evaluation";
import type { AnyRule } from "../policy/evaluation/rule";
import type { ResourceGraph } from "../policy/graph/graph";
import type { PolicyMatrix } from "../policy/matrix";
import { policyMatrix } from "../policy/matrix";
import { count } from "../report/markdown";
import { systemClock } from "../support/clock";
import { KubeApi } from "../topology/kube-api";
import type { VaultConnection } from "../vault/vault-http";
import type { Reconciliation } from "./daemon";
import type { PolicyMetrics, ScanFigures } from "./policy-metrics";

export interface LivePoliciesOptions extends ScanChoice {
  /** Scanned at each pass: a Vault tells of no change. @default none */
  readonly vault?: VaultConnection | undefined;
  /** Folder to write the audit and the compliance page below. */
  readonly folder: string;
  readonly metrics: PolicyMetrics;
  /** @default - every rule that a live cluster can be held to */
  readonly rules?: readonly AnyRule[];
}

/** A change is mostly one of many: so long nothing has to happen before they are judged … */
const QUIET_MILLISECONDS = 1_000;
/** … but no longer than this after the first. */
const LONGEST_MILLISECONDS = 10_000;
/** Of the findings that a summary names. */
const NAMED = 5;

/** P1 to P7 over the clusters of a fleet as they are now, which are watched between two passes. */
export class LivePolicies {
  readonly #watches = new Map<string, ClusterWatch>();
  #evaluation: LiveEvaluation | undefined;
  #tellChange: () => void = () => undefined;

  constructor(private readonly options: LivePoliciesOptions) {}

  /**
   * Judges everything, writes it down and sets the metrics.
   *
   * @throws UsageError for what cannot be seen; the last audit stays, and gets older.
   */
  async pass({ fleet }: LoadedFleet): Promise<Reconciliation> {
    const targets = scanTargets(this.options, fleet);
    this.#stopAllBut(targets);
    const clusters = fleet.clusters.map(({ name }) => name);
    const facts: LiveFacts[] = [];
    const scans: ScanFigures[] = [];
    for (const target of targets) {
      const start = performance.now();
      const found = await this.#read(target, clusters);
      facts.push(found);
      const seconds = (performance.now() - start) / 1000;
      const { cluster, objects } = found;
      scans.push({ cluster, objects: objects.length, timestamp: Date.now() / 1000, seconds });
    }
    const start = performance.now();
    const graph = liveGraph(facts);
    const matrix = policyMatrix(graph, this.#decide(graph), fleet.waivers ?? [], systemClock.now());
    const judging = (performance.now() - start) / 1000;
    writeAudit(this.options.folder, matrix);
    this.options.metrics.audited(
      matrix,
      scans.map((scan) => ({ ...scan, seconds: scan.seconds + judging })),
    );
    return reconciliation(matrix, graph.objects.length);
  }

  /** Ends some time after something has changed that the last pass did not see, or when it is aborted. */
  async changed(signal: AbortSignal): Promise<void> {
    const stopped = aborted(signal).then(() => "stopped" as const);
    for (;;) {
      const change = this.#nextChange();
      if (this.#hasChanged) break;
      if ((await Promise.race([change, stopped])) === "stopped") return;
    }
    const latest = Date.now() + LONGEST_MILLISECONDS;
    while (Date.now() < latest) {
      const quiet = sleep(QUIET_MILLISECONDS, "quiet" as const, { signal }).catch(() => "stopped");
      if ((await Promise.race([this.#nextChange(), quiet])) !== "change") return;
    }
  }

  stop(): void {
    for (const watch of this.#watches.values()) watch.stop();
    this.#watches.clear();
  }

  get #hasChanged(): boolean {
    return [...this.#watches.values()].some(({ hasChanged }) => hasChanged);
  }

  #nextChange(): Promise<"change"> {
    return new Promise((resolve) => (this.#tellChange = () => resolve("change")));
  }

  async #read(target: ScanTarget, clusters: readonly string[]): Promise<LiveFacts> {
    const key = keyOf(target);
    let watch = this.#watches.get(key);
    if (watch === undefined) {
      const api = await KubeApi.connect(target.context);
      watch = new ClusterWatch(api, () => this.#tellChange());
      this.#watches.set(key, watch);
    }
    const { objects } = await watch.read();
    const { vault } = this.options;
    if (vault === undefined) return { ...target, objects };
    const others = clusters.filter((name) => name !== target.cluster);
    const { cluster } = target;
    return { ...target, objects, ...(await scanVault(vault, { cluster, others })) };
  }

  /** Between two passes little changes, and little is decided again. */
  #decide(graph: ResourceGraph): readonly RuleResult[] {
    const { rules = LIVE_RULES } = this.options;
    if (this.#evaluation === undefined) this.#evaluation = new LiveEvaluation(graph, rules);
    else this.#evaluation.update(graph);
    return this.#evaluation.results;
  }

  /** The fleet may name other clusters than before. */
  #stopAllBut(targets: readonly ScanTarget[]): void {
    const wanted = new Set(targets.map(keyOf));
    for (const [key, watch] of this.#watches) {
      if (wanted.has(key)) continue;
      watch.stop();
      this.#watches.delete(key);
    }
  }
}

function keyOf({ cluster, context = "" }: ScanTarget): string {
  return `${cluster}\n${context}`;
}

function reconciliation({ outcome, clusters }: PolicyMatrix, objects: number): Reconciliation {
  if (outcome === "pass") {
    const where = count(clusters.length, "cluster");
    return { healthy: true, summary: `P1 to P7 hold over ${count(objects, "object")} on ${where}` };
  }
  const findings = clusters.flatMap((audit) =>
    audit.findings
      .filter(({ waiver }) => waiver === undefined)
      .map(({ rule, object }) => `${audit.cluster} ${rule} ${object}`),
  );
  const more = findings.length > NAMED ? [`${findings.length - NAMED} more`] : [];
  const words = [...findings.slice(0, NAMED), ...more].join("; ");
  return { healthy: false, summary: `P1 to P7: ${outcome}${words === "" ? "" : `: ${words}`}` };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
