import type { KubernetesObject } from "../../kubernetes/object";
import { recordOf } from "../reading/shape";
import { kindOf } from "./graph";
import type { Scope } from "./graph";

/** Where an object belongs. */
export interface Place {
  readonly cluster: string;
  /** Undefined if it names none that can be read. */
  readonly namespace: string | undefined;
  /** Undefined if it has none that can be read. */
  readonly kind: string | undefined;
}

/** Where an object belongs; a Namespace, in the one that it makes. */
export function placeOf(scope: Scope, object: KubernetesObject): Place {
  const kind = kindOf(object);
  const { name, namespace } = recordOf(recordOf(object)["metadata"]);
  const home = kind === "Namespace" ? name : namespace;
  return { cluster: scope.cluster, namespace: typeof home === "string" ? home : undefined, kind };
}
