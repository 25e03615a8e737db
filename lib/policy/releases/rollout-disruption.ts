import type { KubernetesObject } from "../../kubernetes/object";
import type { Report } from "../evaluation/rule";
import { readIntOrPercent } from "../reading/int-or-percent";
import { valueAt } from "../reading/read";

/** Where each kind says how its pods are replaced. A Rollout has strategies of its own. */
const STRATEGY_FIELD: Readonly<Record<string, string>> = {
  Deployment: "strategy",
  StatefulSet: "updateStrategy",
  DaemonSet: "updateStrategy",
};

/** What is wrong with the way a workload replaces its pods: all at once, or never. */
export function checkDisruption(object: KubernetesObject, report: Report): void {
  const field = STRATEGY_FIELD[object.kind];
  if (field === undefined) return;
  const strategy = (...path: string[]) => valueAt(object, "spec", field, ...path);
  const type = strategy("type") ?? "RollingUpdate";
  if (type !== "RollingUpdate") {
    report(`.spec.${field}.type`, "is not RollingUpdate");
    return;
  }
  const maxUnavailable = strategy("rollingUpdate", "maxUnavailable");
  if (maxUnavailable === undefined) return;
  const fault = unavailableFault(
    maxUnavailable,
    podCount(object.kind, valueAt(object, "spec", "replicas")),
  );
  if (fault !== undefined) {
    report(`.spec.${field}.rollingUpdate.maxUnavailable`, fault);
  }
}

/** How many pods there are, where that is known and the number decides anything. */
function podCount(kind: string, replicas: unknown): number | undefined {
  if (kind === "DaemonSet") return undefined;
  const count = typeof replicas === "number" ? replicas : 1;
  // The only pod of a StatefulSet has to go before its successor comes.
  return count === 0 || (kind === "StatefulSet" && count === 1) ? undefined : count;
}

function unavailableFault(value: unknown, pods: number | undefined): string | undefined {
  const limit = readIntOrPercent(value);
  if (!limit) return "is neither a number of pods nor a percentage";
  if (limit.unit === "percent") {
    return limit.amount >= 100 ? "lets all pods be away at once" : undefined;
  }
  return pods !== undefined && limit.amount >= pods
    ? `lets all ${pods} pods be away at once`
    : undefined;
}

/** What is wrong with a PodDisruptionBudget: it forbids every eviction. */
export function checkBudget(object: KubernetesObject, report: Report): void {
  const maxUnavailable = valueAt(object, "spec", "maxUnavailable");
  const minAvailable = valueAt(object, "spec", "minAvailable");
  if (maxUnavailable !== undefined) {
    const limit = readIntOrPercent(maxUnavailable);
    if (!limit || limit.amount === 0) {
      report(".spec.maxUnavailable", limit ? "forbids every eviction" : NEITHER);
    }
  }
  if (minAvailable !== undefined) {
    const limit = readIntOrPercent(minAvailable);
    if (!limit || (limit.unit === "percent" && limit.amount >= 100)) {
      report(".spec.minAvailable", limit ? "forbids every eviction" : NEITHER);
    }
  }
}

const NEITHER = "is neither a number of pods nor a percentage";
