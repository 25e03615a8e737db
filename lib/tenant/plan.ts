import { isDnsLabel, printable, tenantNamespace } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { checkedString, parseStrict, strictObject } from "../support/strict-schema";
import type { Boundary } from "./boundary";
import { placeName, tenantName, tenantQuotaSchema } from "./declaration";
import type { TenantQuota } from "./declaration";
import { fullQuota, planLimitRange, planResourceQuota } from "./limits";
import { planNamespace } from "./namespace";
import { planNetworkPolicies } from "./network-policies";
import { planOperator } from "./operator";

/** One tenant on one cluster. */
export interface TenantPlacement {
  /** The tenant's name: an RFC 1123 label of at most 56 characters. */
  readonly name: string;
  readonly region: string;
  readonly cluster: string;
  readonly quota: TenantQuota;
  /** The namespace that may scrape the tenant's metrics. */
  readonly platformNamespace: string;
}

/** The boundary of one tenant on one cluster. */
export interface TenantPlan {
  readonly tenant: string;
  readonly cluster: string;
  /** Always `tenant-<name>`, so that no two tenants share one. */
  readonly namespace: string;
  /** In the order in which they are to be applied; the namespace is first. */
  readonly objects: readonly KubernetesObject[];
}

const placementSchema = strictObject({
  name: tenantName,
  region: placeName("region"),
  cluster: placeName("cluster"),
  quota: tenantQuotaSchema,
  // The platform's own names are reserved for everybody else, so only the form is checked.
  platformNamespace: checkedString((name) =>
    isDnsLabel(name) ? undefined : `${printable(name)} is no name of a namespace`,
  ),
});

/**
 * The boundary of one tenant: exactly one namespace with default-deny network policy, quota, limits,
 * the restricted Pod Security profile and a role for its operators. The same placement gives the
 * same plan.
 *
 * @throws UsageError with every name or amount that is not allowed.
 */
export function planTenant(placement: TenantPlacement): TenantPlan {
  const { name, region, cluster, platformNamespace, quota } = parseStrict(
    placementSchema,
    placement,
    "tenant",
  );
  const full = fullQuota(quota);
  const namespace = tenantNamespace(name);
  const boundary: Boundary = { tenant: name, namespace, region, platformNamespace };
  return {
    tenant: name,
    cluster,
    namespace,
    objects: [
      planNamespace(boundary),
      ...planNetworkPolicies(boundary),
      planResourceQuota(boundary, full),
      planLimitRange(boundary, full),
      ...planOperator(boundary),
    ],
  };
}
