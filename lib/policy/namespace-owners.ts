import { TENANT_LABEL } from "../kubernetes/labels";
import type { KubernetesObject } from "../kubernetes/object";
import type { Scope } from "./graph";
import { recordOf } from "./shape";

/** Tells the tenant of what stands in no component, by the label of the Namespace it sits in. */
export function namespaceOwners(
  found: readonly { readonly scope: Scope; readonly object: KubernetesObject }[],
): (scope: Scope, object: KubernetesObject) => Scope {
  const tenants = new Map<string, string>();
  for (const { scope, object } of found) {
    const { name, labels } = recordOf(object.metadata);
    const tenant = recordOf(labels)[TENANT_LABEL];
    if (object.kind === "Namespace" && typeof name === "string" && typeof tenant === "string") {
      tenants.set(`${scope.cluster}\n${name}`, tenant);
    }
  }
  return ({ cluster }, object) => {
    const { name, namespace } = recordOf(object.metadata);
    const home = object.kind === "Namespace" ? name : namespace;
    const tenant = typeof home === "string" ? tenants.get(`${cluster}\n${home}`) : undefined;
    return tenant === undefined ? { cluster } : { cluster, tenant };
  };
}
