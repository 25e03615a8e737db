import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { applyStages } from "../lib/kubernetes/apply-order";
import type { KubernetesObject } from "../lib/kubernetes/object";
import { appliedByStack } from "./field-manager";

/** The two minutes that a tenant may take (P6), where the provider's own patience is ten. */
const TIMEOUTS: pulumi.CustomTimeouts = { create: "2m", update: "2m", delete: "2m" };

type ResourceClass = new (
  name: string,
  args: Record<string, unknown>,
  options: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/** The typed resource class of each kind that the library makes; any other kind is a custom resource. */
const CLASSES: Readonly<Record<string, () => unknown>> = {
  "v1/ConfigMap": () => kubernetes.core.v1.ConfigMap,
  "v1/LimitRange": () => kubernetes.core.v1.LimitRange,
  "v1/Namespace": () => kubernetes.core.v1.Namespace,
  "v1/ResourceQuota": () => kubernetes.core.v1.ResourceQuota,
  "v1/Service": () => kubernetes.core.v1.Service,
  "v1/ServiceAccount": () => kubernetes.core.v1.ServiceAccount,
  "apps/v1/Deployment": () => kubernetes.apps.v1.Deployment,
  "autoscaling/v2/HorizontalPodAutoscaler": () => kubernetes.autoscaling.v2.HorizontalPodAutoscaler,
  "networking.k8s.io/v1/Ingress": () => kubernetes.networking.v1.Ingress,
  "networking.k8s.io/v1/NetworkPolicy": () => kubernetes.networking.v1.NetworkPolicy,
  "policy/v1/PodDisruptionBudget": () => kubernetes.policy.v1.PodDisruptionBudget,
  "rbac.authorization.k8s.io/v1/ClusterRole": () => kubernetes.rbac.v1.ClusterRole,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": () => kubernetes.rbac.v1.ClusterRoleBinding,
  "rbac.authorization.k8s.io/v1/Role": () => kubernetes.rbac.v1.Role,
  "rbac.authorization.k8s.io/v1/RoleBinding": () => kubernetes.rbac.v1.RoleBinding,
};

/**
 * Registers planned objects stage by stage, each object after all of the stage before it: the
 * engine would otherwise make a namespace and what lies in it at the same time.
 *
 * @param prefix the component's name. Its namespace bears the same name, any other child
 *   `prefix-<metadata.name>`, which is unique for its type: no plan has two objects of one kind and name.
 * @param protectedKinds kinds that the engine refuses to delete and to replace.
 */
export function createObjects(
  prefix: string,
  objects: readonly KubernetesObject[],
  options: pulumi.CustomResourceOptions,
  protectedKinds: readonly string[] = [],
): pulumi.CustomResource[] {
  const created: pulumi.CustomResource[] = [];
  let earlier: pulumi.CustomResource[] = [];
  for (const stage of applyStages(objects)) {
    const stageOptions = pulumi.mergeOptions(options, { dependsOn: earlier });
    earlier = stage.map((object) => {
      const isProtected = protectedKinds.includes(object.kind);
      return createObject(prefix, object, {
        ...stageOptions,
        ...(isProtected && { protect: true }),
      });
    });
    created.push(...earlier);
  }
  return created;
}

function createObject(
  prefix: string,
  object: KubernetesObject,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const name = object.kind === "Namespace" ? prefix : `${prefix}-${object.metadata.name}`;
  const { apiVersion, kind, metadata, ...body } = object;
  const annotations = appliedByStack({ ...metadata.annotations, ...awaiting(object) });
  const rest = { ...body, metadata: { ...metadata, annotations } };
  const bounded = pulumi.mergeOptions({ customTimeouts: TIMEOUTS }, options);
  const typed = CLASSES[`${apiVersion}/${kind}`];
  if (typed) return new (typed() as ResourceClass)(name, rest, bounded);
  return new kubernetes.apiextensions.CustomResource(name, { apiVersion, kind, ...rest }, bounded);
}

/**
 * The provider takes an Ingress for ready once its controller has published an address. Controllers on
 * an enterprise's own machines often publish none, and a deploy would wait for it until it fails.
 */
function awaiting({ kind }: KubernetesObject): Record<string, string> {
  return kind === "Ingress" ? { "pulumi.com/skipAwait": "true" } : {};
}
