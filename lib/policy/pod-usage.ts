import type { PodTemplate } from "../kubernetes/pod-template";
import { parseQuantity } from "../kubernetes/quantity";
import type { ResourceGraph } from "./graph";
import { isAmount } from "./namespace-quota";
import { perGraph } from "./per-graph";
import { listAt, valueAt } from "./read";

/** What every container asks for, and uses at most. */
export const RESOURCES = ["cpu", "memory", "ephemeral-storage"] as const;
export type Resource = (typeof RESOURCES)[number];
export type Bound = "requests" | "limits";

/**
 * What a container or pod has of a resource, as it was written. A request that is missing is the
 * limit, as Kubernetes fills it in.
 */
export function writtenAmount(part: unknown, bound: Bound, resource: Resource): unknown {
  const written = valueAt(part, "resources", bound, resource);
  if (written !== undefined || bound === "limits") return written;
  return valueAt(part, "resources", "limits", resource);
}

/**
 * What a quota counts of one pod, in cores or bytes: all containers together, or the largest of what
 * it needs while it starts, whichever is more. What is missing, or no amount, counts as nothing.
 * Source: k8s.io/component-helpers/resource, PodRequests and PodLimits; KEP-753 for sidecars.
 *
 * @throws MalformedError if the pod is not built as it should be.
 */
export function podUsage(
  graph: ResourceGraph,
  { spec }: PodTemplate,
  bound: Bound,
  resource: Resource,
): number {
  const amount = (value: unknown) => amountOf(graph, value);
  const overhead = amount(valueAt(spec, "overhead", resource));
  const ofPod = writtenAmount(spec, bound, resource);
  if (ofPod !== undefined) return overhead + amount(ofPod);
  let sidecars = 0;
  let starting = 0;
  for (const container of listAt(spec, "initContainers")) {
    const own = amount(writtenAmount(container, bound, resource));
    starting = Math.max(starting, sidecars + own);
    if (valueAt(container, "restartPolicy") === "Always") sidecars += own;
  }
  let running = sidecars;
  for (const container of listAt(spec, "containers")) {
    running += amount(writtenAmount(container, bound, resource));
  }
  return overhead + Math.max(running, starting);
}

/** A value as a number of cores or bytes; nothing if it is missing or no amount. */
export function amountOf(graph: ResourceGraph, value: unknown): number {
  if (value === undefined) return 0;
  const known = amounts(graph);
  let amount = known.get(value);
  if (amount === undefined) {
    amount = isAmount(value) ? parseQuantity(String(value)) : 0;
    known.set(value, amount);
  }
  return amount;
}

/** By what was written: in a fleet the same few amounts stand everywhere. */
const amounts = perGraph(() => new Map<unknown, number>());
