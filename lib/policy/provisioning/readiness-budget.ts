import type { KubernetesObject } from "../../kubernetes/object";
import { podTemplateOf } from "../../kubernetes/pod-template";
import type { ContainerRole, PodTemplate } from "../../kubernetes/pod-template";
import { once } from "../reading/once";
import { eachElement, MalformedError, valueAt } from "../reading/read";
import type { Fields } from "../reading/read";
import { isRecord } from "../reading/shape";

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
export const readinessBudget = once(budgetOf);

function budgetOf(object: KubernetesObject): ReadinessBudget | undefined {
  const pod = podTemplateOf(object);
  if (!pod) return undefined;
  const sidecars: ProbeTime[] = [];
  const containers: ProbeTime[] = [];
  eachContainer(pod, "initContainers", (container, at) => {
    if (container["restartPolicy"] === "Always") sidecars.push(probeTime(container, at));
  });
  eachContainer(pod, "containers", (container, at) => {
    containers.push(probeTime(container, at));
  });
  // A bare Pod's spec is the pod's own and has no such field.
  const minReady = pod.path === "" ? undefined : valueAt(object, "spec", "minReadySeconds");
  const minReadySeconds = seconds(minReady, "spec", ".minReadySeconds") ?? 0;
  let slowest = 0;
  for (const { startup, readiness } of containers) slowest = Math.max(slowest, startup + readiness);
  let before = 0;
  for (const { startup } of sidecars) before += startup;
  return {
    sidecars,
    containers,
    minReadySeconds,
    worstCaseSeconds: before + slowest + minReadySeconds,
  };
}

/** With the place below the object where something is malformed. */
function eachContainer(
  pod: PodTemplate,
  role: ContainerRole,
  visit: (container: Fields, at: string) => void,
): void {
  try {
    eachElement(pod, ["spec", role], visit);
  } catch (error) {
    if (!(error instanceof MalformedError) || pod.path === "") throw error;
    throw new MalformedError(`.${pod.path}${error.field}`, error.message);
  }
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

function probeTime(container: Fields, at: string): ProbeTime {
  return {
    container: typeof container["name"] === "string" ? container["name"] : at.slice(1),
    startup: probeSeconds(container["startupProbe"], "startupProbe"),
    readiness: probeSeconds(container["readinessProbe"], "readinessProbe"),
  };
}

function probeSeconds(probe: unknown, name: string): number {
  if (probe === undefined || probe === null) return 0;
  if (!isRecord(probe)) throw new MalformedError(`.${name}`, "is no object");
  const { initialDelaySeconds, failureThreshold, periodSeconds } = probe;
  return (
    (seconds(initialDelaySeconds, name, ".initialDelaySeconds") ?? 0) +
    (seconds(failureThreshold, name, ".failureThreshold") ?? 3) *
      (seconds(periodSeconds, name, ".periodSeconds") ?? 10)
  );
}

function seconds(value: unknown, ...field: readonly string[]): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw new MalformedError(`.${field.join("")}`, "is no number of seconds");
}
