import { podsIn } from "../graph/home";
import { containers, elements, listed } from "../subjects/subjects";
import { tenantsOwn } from "./tenant-namespaces";

/** Every pod that a tenant brought, or that somebody else put into a tenant's namespace. */
export const tenantPods = listed((home) => tenantsOwn(home, podsIn(home)));

/** Every container of those pods. */
export const tenantContainers = listed((home) => tenantsOwn(home, containers(home)));

/** Every volume of those pods. A pod that cannot be read stands for its volumes. */
export const tenantVolumes = listed((home) =>
  tenantPods(home).flatMap((pod) => elements(pod, pod.pod, "spec", "volumes")),
);
