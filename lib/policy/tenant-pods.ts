import type { ResourceGraph } from "./graph";
import { perGraph } from "./per-graph";
import { containers, elements, pods } from "./subjects";
import type { ObjectSubject } from "./subjects";
import { tenantOf } from "./tenant-namespaces";

/** Every pod that a tenant brought, or that somebody else put into a tenant's namespace. */
export const tenantPods = perGraph((graph) => pods(graph).filter(isTenants(graph)));

/** Every container of those pods. */
export const tenantContainers = perGraph((graph) => containers(graph).filter(isTenants(graph)));

/** Every volume of those pods. A pod that cannot be read stands for its volumes. */
export const tenantVolumes = perGraph((graph) =>
  tenantPods(graph).flatMap((pod) => elements(pod, pod.pod, "spec", "volumes")),
);

function isTenants(graph: ResourceGraph): (subject: ObjectSubject) => boolean {
  return (subject) => subject.scope.tenant !== undefined || tenantOf(graph, subject) !== undefined;
}
