import { expandList } from "../../kubernetes/expand-list";
import type { KubernetesObject } from "../../kubernetes/object";
import { isRecord } from "../reading/shape";
import { UNKNOWN } from "../reading/unknown";
import type { StackResource } from "./stack-resource";

const TYPE = /^kubernetes:([^:/]+)\/([^:/]+):([A-Za-z0-9]+)$/;

/** Whether a resource is one of the Kubernetes provider's, or a component of its SDK. */
export function isKubernetes({ type }: StackResource): boolean {
  return type.startsWith("kubernetes:");
}

/** Groups of Pulumi's own components: their children are resources of their own. */
const COMPONENT_GROUPS = ["yaml", "helm.sh", "kustomize"];

/** What is not known, in the shape of an object that no rule can read. */
const NOT_RENDERED = { apiVersion: UNKNOWN, kind: UNKNOWN, metadata: {} };

/**
 * The Kubernetes objects that a resource stands for; none if it is no Kubernetes resource.
 *
 * @param hasChildren whether a resource has this one as its parent. A preview has no child of a chart
 *   or a group of manifests whose inputs it does not know, and the engine does not tell those inputs.
 */
export function objectsOf({ type, inputs }: StackResource, hasChildren = true): KubernetesObject[] {
  const match = TYPE.exec(type);
  if (!match) return [];
  const [, group, version, named] = match as unknown as [string, string, string, string];
  // A Helm release is one resource: whoever judges it sees a kind that cannot be looked into.
  const isRelease = group === "helm.sh" && named === "Release";
  if (COMPONENT_GROUPS.includes(group) && !isRelease) {
    return hasChildren ? [] : [NOT_RENDERED as unknown as KubernetesObject];
  }
  // The provider applies what the inputs say; the type is what the SDK took them for.
  const apiVersion =
    text(inputs["apiVersion"]) ?? (group === "core" ? version : `${group}/${version}`);
  const kind = text(inputs["kind"]) ?? named;
  const { name, namespace } = inputs;
  const metadata = isRelease ? { name, namespace } : inputs["metadata"];
  // Most inputs are the whole object already.
  const isWhole =
    inputs["apiVersion"] === apiVersion &&
    inputs["kind"] === kind &&
    inputs["metadata"] === metadata;
  const document = isWhole ? inputs : { ...inputs, apiVersion, kind, metadata };
  return expandList(document as KubernetesObject).map(withMetadata);
}

/** Anything as an object that a graph can hold; what is wrong with it is the rules' to say. */
export function withMetadata(document: unknown): KubernetesObject {
  if (!isRecord(document)) return { metadata: {} } as unknown as KubernetesObject;
  const { metadata } = document;
  const fits = isRecord(metadata) || metadata === UNKNOWN;
  return (fits ? document : { ...document, metadata: {} }) as KubernetesObject;
}

/**
 * How a person finds an object, also one whose name is missing or not known yet. Names stay as they are:
 * two objects are never one, and what an API server lists is no secret.
 */
export function safeObjectId(object: KubernetesObject, otherwise: string): string {
  const metadata: unknown = object.metadata;
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  const called = text(name) ?? otherwise;
  const kind = text(object.kind) ?? "object";
  return text(namespace) === undefined
    ? `${kind} ${called}`
    : `${kind} ${text(namespace)}/${called}`;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
