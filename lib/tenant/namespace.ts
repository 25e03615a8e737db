import { RESTRICTED_POD_SECURITY, ROLE_LABEL } from "../kubernetes/labels";
import type { KubernetesObject } from "../kubernetes/object";
import { boundaryLabels } from "./boundary";
import type { Boundary } from "./boundary";

/** The tenant's one namespace, under the restricted Pod Security profile (rules P1-NS-1, P5-1). */
export function planNamespace(boundary: Boundary): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: boundary.namespace,
      labels: {
        ...boundaryLabels(boundary),
        [ROLE_LABEL]: "tenant",
        ...RESTRICTED_POD_SECURITY,
      },
    },
  };
}
