import type { KubernetesObject } from "../../kubernetes/object";
import { carriesPod, podTemplateOf } from "../../kubernetes/pod-template";
import { listAt, MalformedError, valueAt } from "../reading/read";
import { READINESS_BUDGET_SECONDS, readinessBudget } from "./readiness-budget";

/** Seconds that half of all runs and that 99 of 100 take. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Bytes of an image that nobody has measured. An assumption: most services' are smaller. */
const ASSUMED_IMAGE_BYTES = 250_000_000;
/** Bytes a second from a mirror beside the cluster. An assumption: a tenth of a 10 Gbit/s network. */
const MIRROR_BANDWIDTH = 125_000_000;

/** What one thing takes, in seconds. Where no source is named it is an assumption, on the safe side. */
export const LATENCIES = {
  /** Kubernetes SLO: mutating API calls, p99 at most 1 s (sig-scalability, api_call_latency). */
  write: { p50: 0.05, p99: 1 },
  /** Kubernetes SLO: stateless pods, p99 at most 5 s without pulls and init containers (pod_startup_latency). */
  podStart: { p50: 1, p99: 5 },
  /** One init container that does its work at once: as long as a pod's start. */
  initContainer: { p50: 1, p99: 5 },
  /** Pull of one image, of {@link ASSUMED_IMAGE_BYTES}; p99 at a quarter of the bandwidth. */
  pull: {
    p50: ASSUMED_IMAGE_BYTES / MIRROR_BANDWIDTH,
    p99: (4 * ASSUMED_IMAGE_BYTES) / MIRROR_BANDWIDTH,
  },
  /** A volume that a CSI driver makes and binds. */
  volume: { p50: 3, p99: 15 },
  /** ingress-nginx writes an Ingress' address once in 60 s (--status-update-interval). */
  ingress: { p50: 30, p99: 60 },
  /** The chart's manifest and signatures are fetched and verified before its first object. */
  chart: { p50: 1, p99: 5 },
} as const satisfies Readonly<Record<string, Latency>>;

/** Kinds without a pod that are ready some time after they were written. */
const AWAITED = new Set(["PersistentVolumeClaim", "Ingress"]);
/** On an object that Pulumi does not wait for. */
const SKIP_AWAIT = "pulumi.com/skipAwait";

/**
 * How long the engine is busy with an object: its write, and what it waits for until it takes the
 * object for ready.
 *
 * @throws MalformedError for what is no pod, no probe or no number.
 */
export function latencyOf(object: KubernetesObject): Latency {
  const { kind } = object;
  // A CronJob's first run and a template are nothing that anybody waits for.
  if (kind === "CronJob" || kind === "PodTemplate") return LATENCIES.write;
  if (!carriesPod(kind) && !AWAITED.has(kind)) return LATENCIES.write;
  if (valueAt(object, "metadata", "annotations", SKIP_AWAIT) === "true") return LATENCIES.write;
  if (kind === "PersistentVolumeClaim") return plus(LATENCIES.write, LATENCIES.volume);
  if (kind === "Ingress") return plus(LATENCIES.write, LATENCIES.ingress);
  if (kind === "Job") return plus(LATENCIES.write, jobLatency(object));
  return plus(LATENCIES.write, workloadLatency(object));
}

function workloadLatency(object: KubernetesObject): Latency {
  const pod = plus(startLatency(object), probeLatency(object));
  return times(pod, podsInTurn(object));
}

/** A Job without a deadline is P6-3's finding; it counts as one that does its work at once. */
function jobLatency(job: KubernetesObject): Latency {
  const deadline = valueAt(job, "spec", "activeDeadlineSeconds");
  return typeof deadline === "number" && deadline > 0 ? limited(deadline) : startLatency(job);
}

/** Each container has an image of its own, and all are pulled over one network: one after the other. */
function startLatency(object: KubernetesObject): Latency {
  const spec = podTemplateOf(object)?.spec;
  const init = listAt(spec, "initContainers").length;
  const images = init + listAt(spec, "containers").length;
  const pulled = plus(LATENCIES.podStart, times(LATENCIES.pull, images));
  return plus(pulled, times(LATENCIES.initContainer, init));
}

/**
 * At the latest a workload is ready when its probes give up. One whose own probes take too long is
 * P6-2's finding: it counts as ready at once.
 */
function probeLatency(object: KubernetesObject): Latency {
  const budget = readinessBudget(object);
  if (budget === undefined || budget.worstCaseSeconds > READINESS_BUDGET_SECONDS) return NONE;
  const { worstCaseSeconds, minReadySeconds } = budget;
  const fixed = { p50: minReadySeconds, p99: minReadySeconds };
  return plus(fixed, limited(worstCaseSeconds - minReadySeconds));
}

/** What may take until a limit, and mostly is done by a quarter of it: an assumption. */
function limited(seconds: number): Latency {
  return { p50: seconds / 4, p99: seconds };
}

/** Pods of a StatefulSet start one after the other; all others at the same time. */
function podsInTurn(object: KubernetesObject): number {
  const inTurn = valueAt(object, "spec", "podManagementPolicy") !== "Parallel";
  const replicas = valueAt(object, "spec", "replicas") ?? 1;
  if (typeof replicas !== "number" || !(replicas >= 0)) {
    throw new MalformedError(".spec.replicas", "is no number of pods");
  }
  return object.kind === "StatefulSet" && inTurn ? replicas : 1;
}

const NONE: Latency = { p50: 0, p99: 0 };

function plus(a: Latency, b: Latency): Latency {
  return { p50: a.p50 + b.p50, p99: a.p99 + b.p99 };
}

function times({ p50, p99 }: Latency, factor: number): Latency {
  return { p50: p50 * factor, p99: p99 * factor };
}
