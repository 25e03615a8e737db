import { TENANT_LABEL } from "../kubernetes/labels";
import type { KubernetesObject } from "../kubernetes/object";
import { namespaceKey } from "./graph";
import type { Scope } from "./graph";
import { recordOf } from "./shape";

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
      owners.set(namespaceKey(scope.cluster, name), { cluster: scope.cluster, tenant });
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
