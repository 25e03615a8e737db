import { isQuantity } from "../../kubernetes/quantity";
import { listAt, recordAt, valueAt } from "../reading/read";
import { isOfGroup, someOf } from "../subjects/candidates";
import type { ObjectSubject } from "../subjects/subjects";
import { inNamespaceOf } from "../tenants/tenant-namespaces";

/** An amount in a quota as it was written: a number or a Kubernetes quantity that is not negative. */
export type Amount = number | string;

/**
 * Whether a quota of a tenant's namespace limits some resource for every pod and object in it.
 *
 * @param keys what Kubernetes calls the resource in `spec.hard`; any of them will do.
 * @param allows what the amount has to be.
 * @throws UndecidedError if no quota does and one cannot be read.
 */
export function hasQuota(
  namespace: ObjectSubject,
  keys: readonly string[],
  allows: (amount: Amount) => boolean = () => true,
): boolean {
  return someOf(inNamespaceOf(namespace, "ResourceQuota"), (quota) => {
    if (!countsAll(quota)) return false;
    return keys.some((key) => {
      const amount = hardAmount(quota, key);
      return amount !== undefined && allows(amount);
    });
  });
}

/** Whether a quota counts all of its namespace, and not only some pods. */
export function countsAll(quota: ObjectSubject): boolean {
  const { object } = quota.node;
  if (!isOfGroup(quota, "")) return false;
  if (listAt(object, "spec", "scopes").length > 0) return false;
  return recordAt(object, "spec", "scopeSelector") === undefined;
}

/** What a quota allows of a resource; undefined if it does not say, or says no amount. */
export function hardAmount({ node }: ObjectSubject, key: string): Amount | undefined {
  const value = valueAt(node.object, "spec", "hard", key);
  return isAmount(value) ? value : undefined;
}

/** Whether a value is an amount of something, as Kubernetes writes one. */
export function isAmount(value: unknown): value is Amount {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0;
  return typeof value === "string" && isQuantity(value) && !value.startsWith("-");
}
