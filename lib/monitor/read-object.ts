import type { KubernetesObject, ObjectMeta } from "../kubernetes/object";
import { isRecord, listOf, recordOf } from "../policy/reading/shape";
import { hasWritten } from "../policy/reading/written-fields";
import { KubeApiError } from "../topology/kube-api";
import { isMetadataOnly } from "./scan-kinds";
import type { ServedKind } from "./served-kinds";

/** An object that an API server stores. */
export interface LiveObject extends KubernetesObject {
  readonly metadata: ObjectMeta & { readonly uid: string };
}

/** On the Secrets that hold a service account's token, and required there. */
const ACCOUNT = "kubernetes.io/service-account.name";
const TOKEN = "kubernetes.io/service-account-token";

/**
 * An object as it came in a list or an event. Who wrote which field is left out, but who named a Pod's
 * node: no rule looks at the rest, and it is half of what a cluster answers. Of a Secret nothing but its
 * name, labels and owners is kept: `kubectl apply` repeats a Secret's data in an annotation.
 *
 * @throws KubeApiError for what is no object.
 */
export function readObject(served: ServedKind, item: unknown): LiveObject {
  const { apiVersion, kind } = served;
  const { metadata } = recordOf(item);
  const { name, uid } = recordOf(metadata);
  if (!isRecord(metadata) || typeof name !== "string" || typeof uid !== "string") {
    throw new KubeApiError("what is no object");
  }
  const { managedFields, ...kept } = metadata;
  if (isMetadataOnly(served)) return secret(served, kept);
  const namers = kind === "Pod" ? listOf(managedFields).filter(namesNode) : [];
  const told = namers.length === 0 ? kept : { ...kept, managedFields: namers };
  // Items of a list bear neither version nor kind.
  return { ...recordOf(item), apiVersion, kind, metadata: told } as unknown as LiveObject;
}

function namesNode(entry: unknown): boolean {
  return hasWritten(entry, "spec", "nodeName");
}

function secret(
  { apiVersion, kind }: ServedKind,
  { annotations, ...metadata }: Readonly<Record<string, unknown>>,
): LiveObject {
  // Its type is not among its metadata.
  const holdsToken = Object.hasOwn(recordOf(annotations), ACCOUNT);
  return {
    apiVersion,
    kind,
    metadata,
    ...(holdsToken ? { type: TOKEN } : {}),
  } as unknown as LiveObject;
}

/** The form in which the objects of a kind are asked for. */
export function acceptFor(kind: ServedKind, one: "list" | "event"): string {
  if (!isMetadataOnly(kind)) return "application/json";
  const form = one === "list" ? "PartialObjectMetadataList" : "PartialObjectMetadata";
  return `application/json;as=${form};g=meta.k8s.io;v=v1`;
}
