import { TENANT_LABEL } from "../kubernetes/labels";
import { tenantNamespace } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { namespaceKey } from "./graph";
import type { Scope } from "./graph";
import { byText, recordOf } from "./shape";

/**
 * Tells whose an object is that stands in no component, by the label of the Namespace it sits in;
 * its own scope comes back where nobody owns that.
 */
export function namespaceOwners(
  found: readonly { readonly scope: Scope; readonly object: KubernetesObject }[],
): (scope: Scope, object: KubernetesObject) => Scope {
  const owners = new Map<string, Scope>();
  for (const { scope, object } of found) {
    if (object.kind !== "Namespace") continue;
    const { name, labels } = recordOf(object.metadata);
    const tenant = recordOf(labels)[TENANT_LABEL];
    if (typeof name === "string" && typeof tenant === "string") {
      const key = namespaceKey(scope.cluster, name);
      const owner = likelierOwner(name, tenant, owners.get(key)?.tenant);
      owners.set(key, { cluster: scope.cluster, tenant: owner });
    }
  }
  return (scope, object) => {
    const { name, namespace } = recordOf(object.metadata);
    const home = object.kind === "Namespace" ? name : namespace;
    const owner =
      typeof home === "string" ? owners.get(namespaceKey(scope.cluster, home)) : undefined;
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
