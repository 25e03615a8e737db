import type { Container, PodTemplate } from "../kubernetes/pod-template";
import { fieldOf, valueAt } from "./read";

/** A pod, or one container of it. */
export interface PodPart {
  readonly pod: PodTemplate;
  readonly container?: Container;
}

/** The value of one field of the securityContext of a pod or container. */
export function securityValue(part: PodPart, ...path: readonly string[]): unknown {
  return part.container === undefined
    ? valueAt(part.pod, "spec", "securityContext", ...path)
    : valueAt(part.container, "securityContext", ...path);
}

/** What that field is called, below the pod or container. */
export function securityField(part: PodPart, ...path: readonly string[]): string {
  const context = fieldOf(["securityContext", ...path]);
  return part.container === undefined ? `.spec${context}` : context;
}

/**
 * Whether a pod says that it runs on Windows. The API server then refuses the Linux fields of a
 * security context, and a Linux kubelet refuses the pod.
 */
export function runsOnWindows(pod: PodTemplate): boolean {
  return valueAt(pod, "spec", "os", "name") === "windows";
}

/** Whether a pod has a user namespace of its own: its root is nobody on the node. */
export function hasOwnUsers(pod: PodTemplate): boolean {
  return valueAt(pod, "spec", "hostUsers") === false;
}
