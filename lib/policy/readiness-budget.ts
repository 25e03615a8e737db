import type { KubernetesObject } from "../kubernetes/object";
import { containersOf, podTemplateOf } from "../kubernetes/pod-template";
import type { Container } from "../kubernetes/pod-template";
import { MalformedError, valueAt } from "./read";
import { isRecord } from "./shape";

/** What one workload may take until it counts as ready, P6. */
export const READINESS_BUDGET_SECONDS = 120;

/** How long a container may take until its probes have passed or given up, in seconds. */
export interface ProbeTime {
  readonly container: string;
  readonly startup: number;
  readonly readiness: number;
}

/** The worst case of one workload's start, with the numbers it is made of. All in seconds. */
export interface ReadinessBudget {
  /** Sidecars start one after the other, before any regular container. */
  readonly sidecars: readonly ProbeTime[];
  /** Regular containers start together: the slowest counts. */
  readonly containers: readonly ProbeTime[];
  readonly minReadySeconds: number;
  readonly worstCaseSeconds: number;
}

/**
 * Adds up a workload's probes: `initialDelaySeconds + failureThreshold * periodSeconds`, first of the
 * startup and then of the readiness probe, with Kubernetes' defaults (0, 3, 10), and then
 * `minReadySeconds`. Ordinary init containers and image pulls have no bound and are not in it,
 * nor is `progressDeadlineSeconds`, which ends a rollout and not a start: P7-3 judges it.
 *
 * @returns undefined for an object without a pod.
 * @throws MalformedError for a field that is no number of seconds.
 */
export function readinessBudget(object: KubernetesObject): ReadinessBudget | undefined {
  const pod = podTemplateOf(object);
  if (!pod) return undefined;
  const sidecars: ProbeTime[] = [];
  const containers: ProbeTime[] = [];
  for (const { role, path, container } of containersOf(pod)) {
    if (role === "containers") containers.push(probeTime(container, path));
    if (role === "initContainers" && isSidecar(container)) {
      sidecars.push(probeTime(container, path));
    }
  }
  // A bare Pod's spec is the pod's own and has no such field.
  const minReady = pod.path === "" ? undefined : valueAt(object, "spec", "minReadySeconds");
  const minReadySeconds = seconds(minReady, ".spec.minReadySeconds") ?? 0;
  const worstCaseSeconds =
    sidecars.reduce((sum, { startup }) => sum + startup, 0) +
    Math.max(0, ...containers.map(({ startup, readiness }) => startup + readiness)) +
    minReadySeconds;
  return { sidecars, containers, minReadySeconds, worstCaseSeconds };
}

/** The sum in words: `api 0 + 30, at least 5 ready = 35 s`. */
export function describeBudget(budget: ReadinessBudget): string {
  const parts = [
    ...budget.sidecars.map(({ container, startup }) => `sidecar ${container} ${startup}`),
    ...slowest(budget.containers).map(
      ({ container, startup, readiness }) => `${container} ${startup} + ${readiness}`,
    ),
    ...(budget.minReadySeconds > 0 ? [`at least ${budget.minReadySeconds} ready`] : []),
  ];
  return `${parts.join(", ") || "no probes"} = ${budget.worstCaseSeconds} s`;
}

function slowest(containers: readonly ProbeTime[]): ProbeTime[] {
  const sorted = [...containers].sort(
    (a, b) => b.startup + b.readiness - (a.startup + a.readiness),
  );
  return sorted.slice(0, 1);
}

function isSidecar(container: Container): boolean {
  return container["restartPolicy"] === "Always";
}

function probeTime(container: Container, path: string): ProbeTime {
  return {
    container: typeof container.name === "string" ? container.name : path,
    startup: probeSeconds(container["startupProbe"], `.${path}.startupProbe`),
    readiness: probeSeconds(container["readinessProbe"], `.${path}.readinessProbe`),
  };
}

function probeSeconds(probe: unknown, path: string): number {
  if (probe === undefined || probe === null) return 0;
  if (!isRecord(probe)) throw new MalformedError(path, "is no object");
  const field = (name: string) => seconds(probe[name], `${path}.${name}`);
  return (
    (field("initialDelaySeconds") ?? 0) +
    (field("failureThreshold") ?? 3) * (field("periodSeconds") ?? 10)
  );
}

function seconds(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw new MalformedError(path, "is no number of seconds");
}
