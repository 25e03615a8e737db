import type { KubernetesObject } from "../../kubernetes/object";
import { objectsOfKind } from "../subjects/subjects";
import type { ObjectSubject, Part } from "../subjects/subjects";

/** Releases that Flux' helm-controller installs, upgrades and remediates. */
export function fluxReleases(part: Part): ObjectSubject[] {
  return objectsOfKind(part, "HelmRelease").filter(({ node }) => isFlux(node.object));
}

export function isFlux(object: KubernetesObject): boolean {
  return groupOf(object) === "helm.toolkit.fluxcd.io";
}

/**
 * Releases that Pulumi's Kubernetes provider installs with Helm's own library, in its process. One
 * opaque resource each: `atomic` and `timeout` stand at the top.
 */
export function pulumiReleases(part: Part): ObjectSubject[] {
  return objectsOfKind(part, "Release").filter(({ node }) => groupOf(node.object) === "helm.sh");
}

/** Undefined where that is not known or no text: no rule over releases is to judge it. */
function groupOf({ apiVersion }: KubernetesObject): string | undefined {
  const version: unknown = apiVersion;
  return typeof version === "string" ? version.slice(0, version.indexOf("/")) : undefined;
}
