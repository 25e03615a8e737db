import type { PodTemplate } from "../../kubernetes/pod-template";
import { parseQuantity } from "../../kubernetes/quantity";
import { listAt, recordAt, valueAt } from "../reading/read";
import type { Fields } from "../reading/read";
import { isAmount } from "./namespace-quota";

/** What every container asks for, and uses at most. */
export const RESOURCES = ["cpu", "memory", "ephemeral-storage"] as const;
export type Resource = (typeof RESOURCES)[number];
export type Bound = "requests" | "limits";

/** What a quota sums up over the pods of a namespace. */
export const AMOUNTS = RESOURCES.flatMap((resource) =>
  (["requests", "limits"] as const).map((bound) => ({
    bound,
    resource,
    name: `${bound}.${resource}`,
  })),
);

/** What a container or pod says of its resources. */
export interface Requirements {
  readonly requests: Fields;
  readonly limits: Fields;
}

/** The requirements of a container or pod. @throws MalformedError if they are no objects. */
export function requirementsOf(part: unknown): Requirements {
  const resources = recordAt(part, "resources");
  if (resources === undefined) return NO_REQUIREMENTS;
  return {
    requests: recordAt(part, "resources", "requests") ?? NOTHING,
    limits: recordAt(part, "resources", "limits") ?? NOTHING,
  };
}

const NOTHING: Fields = {};
const NO_REQUIREMENTS: Requirements = { requests: NOTHING, limits: NOTHING };

/**
 * What is said of a resource, as it was written. A request that is missing is the limit, as Kubernetes
 * fills it in.
 */
export function writtenAmount(
  { requests, limits }: Requirements,
  bound: Bound,
  resource: Resource,
): unknown {
  const limit = limits[resource] ?? undefined;
  return bound === "limits" ? limit : (requests[resource] ?? limit);
}

/**
 * What a quota counts of one pod, in cores or bytes, in the order of {@link AMOUNTS}: all containers
 * together, or the largest of what it needs while it starts, whichever is more. What is missing, or no
 * amount, counts as nothing.
 * Source: k8s.io/component-helpers/resource, PodRequests and PodLimits; KEP-753 for sidecars.
 *
 * @throws MalformedError if the pod is not built as it should be.
 */
export function podUsage({ spec }: PodTemplate): readonly number[] {
  const ofPod = requirementsOf(spec);
  const overhead = recordAt(spec, "overhead") ?? NOTHING;
  const starting = listAt(spec, "initContainers").map((container) => {
    const isSidecar = valueAt(container, "restartPolicy") === "Always";
    return { isSidecar, own: requirementsOf(container) };
  });
  const running = listAt(spec, "containers").map(requirementsOf);
  return AMOUNTS.map(({ bound, resource }) => {
    const amount = (of: Requirements) => amountOf(writtenAmount(of, bound, resource));
    const extra = amountOf(overhead[resource]);
    if (writtenAmount(ofPod, bound, resource) !== undefined) return extra + amount(ofPod);
    let sidecars = 0;
    let most = 0;
    for (const { isSidecar, own } of starting) {
      const needed = amount(own);
      most = Math.max(most, sidecars + needed);
      if (isSidecar) sidecars += needed;
    }
    let sum = sidecars;
    for (const container of running) sum += amount(container);
    return extra + Math.max(sum, most);
  });
}

/** A value as a number of cores or bytes; nothing if it is missing or no amount. */
export function amountOf(value: unknown): number {
  return isAmount(value) ? parseQuantity(String(value)) : 0;
}
