import { applyStages } from "../kubernetes/apply-order";
import type { KubernetesObject } from "../kubernetes/object";
import { graphFromResources } from "../policy/graph/graph-from-resources";
import type { StackResource } from "../policy/graph/stack-resource";

/** Annotations that tell Pulumi's provider how to apply an object. */
const PROVIDER_ANNOTATION = /^pulumi\.com\//;

/**
 * A stack's objects as manifests for any client, in the order in which they are to be applied: without
 * what they say to Pulumi's provider alone.
 */
export function renderedObjects(resources: readonly StackResource[]): KubernetesObject[] {
  const { objects } = graphFromResources(resources);
  return applyStages(objects.map(({ object }) => withoutProviderAnnotations(object))).flat();
}

function withoutProviderAnnotations(object: KubernetesObject): KubernetesObject {
  const { annotations = {}, ...metadata } = object.metadata;
  const kept = Object.entries(annotations).filter(([name]) => !PROVIDER_ANNOTATION.test(name));
  return {
    ...object,
    metadata: kept.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(kept) },
  };
}
