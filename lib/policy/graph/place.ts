import { apiGroup } from "../../kubernetes/kinds";
import type { KubernetesObject } from "../../kubernetes/object";
import { recordOf } from "../reading/shape";
import { kindOf } from "./graph";
import type { Scope } from "./graph";

/** Where an object belongs. */
export interface Place {
  readonly cluster: string;
  /** Undefined if it names none that can be read. */
  readonly namespace: string | undefined;
  /**
   * Undefined if it has none that can be read. What another API group calls a Namespace has its group
   * beside it, `Namespace.example.com`, so that nobody takes it for one.
   */
  readonly kind: string | undefined;
}

/** Where an object belongs; a Namespace, in the one that it makes. */
export function placeOf(scope: Scope, object: KubernetesObject): Place {
  const kind = kindIn(object);
  const { name, namespace } = recordOf(recordOf(object)["metadata"]);
  const home = kind === NAMESPACE ? name : namespace;
  return { cluster: scope.cluster, namespace: typeof home === "string" ? home : undefined, kind };
}

/** Whether an object makes a namespace; one whose API group cannot be read may. */
export function isNamespace(object: KubernetesObject): boolean {
  return kindIn(object) === NAMESPACE;
}

const NAMESPACE = "Namespace";

function kindIn(object: KubernetesObject): string | undefined {
  const kind = kindOf(object);
  if (kind !== NAMESPACE) return kind;
  const version: unknown = object.apiVersion;
  const group = typeof version === "string" ? apiGroup(version) : "";
  return group === "" ? kind : `${kind}.${group}`;
}
