import type { KubernetesObject } from "../kubernetes/object";
import { parseQuantity } from "../kubernetes/quantity";
import { boundaryMeta } from "./boundary";
import type { Boundary } from "./boundary";
import type { TenantQuota } from "./declaration";

/** A quota with every field set. */
export type FullQuota = { readonly [K in keyof TenantQuota]-?: NonNullable<TenantQuota[K]> };

/** Fills in what a declaration left out. */
export function fullQuota({ cpu, memory, storage = "20Gi", pods = 30 }: TenantQuota): FullQuota {
  return { cpu, memory, storage, pods };
}

/**
 * What the whole namespace may use (rules P1-QUO-1, P1-QUO-2). Object counts grow with the pods, so
 * that a tenant cannot fill etcd; ports of nodes and load balancers are not a tenant's to open.
 */
export function planResourceQuota(boundary: Boundary, quota: FullQuota): KubernetesObject {
  const { cpu, memory, storage, pods } = quota;
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: boundaryMeta(boundary, "quota"),
    spec: {
      hard: {
        "requests.cpu": cpu,
        "limits.cpu": cpu,
        "requests.memory": memory,
        "limits.memory": memory,
        "requests.storage": storage,
        pods: String(pods),
        persistentvolumeclaims: String(pods),
        services: String(pods),
        "services.nodeports": "0",
        "services.loadbalancers": "0",
        configmaps: String(2 * pods),
        secrets: String(2 * pods),
      },
    },
  };
}

/**
 * What one container or volume claim gets if it says nothing, and at most (rule P1-QUO-3). The
 * defaults shrink with a small quota: the API server refuses a default above the maximum.
 */
export function planLimitRange(boundary: Boundary, quota: FullQuota): KubernetesObject {
  const { cpu, memory, storage } = quota;
  return {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: boundaryMeta(boundary, "limits"),
    spec: {
      limits: [
        {
          type: "Container",
          default: { cpu: smaller("500m", cpu), memory: smaller("512Mi", memory) },
          defaultRequest: { cpu: smaller("100m", cpu), memory: smaller("128Mi", memory) },
          max: { cpu, memory },
        },
        { type: "PersistentVolumeClaim", max: { storage } },
      ],
    },
  };
}

function smaller(amount: string, most: string): string {
  return parseQuantity(amount) <= parseQuantity(most) ? amount : most;
}
