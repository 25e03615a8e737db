import { REGION_LABEL, TENANT_LABEL } from "../kubernetes/labels";
import type { ObjectMeta } from "../kubernetes/object";

/** One tenant on one cluster, checked: what every object of its boundary is made from. */
export interface Boundary {
  readonly tenant: string;
  readonly namespace: string;
  readonly region: string;
  readonly platformNamespace: string;
}

/** The labels of every object of the boundary. */
export function boundaryLabels({ tenant, region }: Boundary): Record<string, string> {
  return {
    "app.kubernetes.io/part-of": "atom",
    "app.kubernetes.io/managed-by": "atom-selfhost",
    [TENANT_LABEL]: tenant,
    [REGION_LABEL]: region,
  };
}

/** The metadata of an object inside the tenant's namespace. */
export function boundaryMeta(boundary: Boundary, name: string): ObjectMeta {
  return { name, namespace: boundary.namespace, labels: boundaryLabels(boundary) };
}
