import { TENANT_LABEL } from "../../kubernetes/labels";
import { tenantNamespace } from "../../kubernetes/names";
import type { KubernetesObject } from "../../kubernetes/object";
import { byText, recordOf } from "../reading/shape";
import { namespaceKey } from "./graph";
import type { Scope } from "./graph";
import { placeOf } from "./place";

/** What the names of tenants' namespaces begin with. */
const TENANTS = tenantNamespace("");

/**
 * Tells whose an object is that stands in no component, by the label of the Namespace it sits in;
 * its own scope comes back where nobody owns that.
 */
export function namespaceOwners(
  found: readonly { readonly scope: Scope; readonly object: KubernetesObject }[],
): (scope: Scope, object: KubernetesObject) => Scope {
  const owners = new Map<string, Scope>();
  const known = new Set<string>();
  for (const { scope, object } of found) {
    const { kind, namespace: name } = placeOf(scope, object);
    if (kind !== "Namespace" || name === undefined) continue;
    const key = namespaceKey(scope.cluster, name);
    known.add(key);
    const tenant = recordOf(recordOf(object.metadata)["labels"])[TENANT_LABEL];
    if (typeof tenant !== "string") continue;
    const owner = likelierOwner(name, tenant, owners.get(key)?.tenant);
    owners.set(key, { cluster: scope.cluster, tenant: owner });
  }
  return (scope, object) => {
    const { namespace: home } = placeOf(scope, object);
    if (home === undefined) return scope;
    const key = namespaceKey(scope.cluster, home);
    let owner = owners.get(key);
    // A chart's objects often come without their Namespace: then its name says whose they are.
    if (owner === undefined && !known.has(key) && home.startsWith(TENANTS)) {
      owner = { cluster: scope.cluster, tenant: home.slice(TENANTS.length) };
      owners.set(key, owner);
    }
    return owner ?? scope;
  };
}

/**
 * Of two that claim one namespace, the one whose name it bears, else the first in the alphabet: never
 * the last in a file, where anybody may add one. P5-1 reports both.
 */
export function likelierOwner(
  namespace: string,
  tenant: string,
  other: string | undefined,
): string {
  if (other === undefined || namespace === tenantNamespace(tenant)) return tenant;
  if (namespace === tenantNamespace(other)) return other;
  return byText(tenant, other) < 0 ? tenant : other;
}
