import type { Container, PodTemplate } from "../../kubernetes/pod-template";
import { fieldOf, valueAt } from "../reading/read";
import { isRecord } from "../reading/shape";

/** A pod, or one container of it. */
export interface PodPart {
  readonly pod: PodTemplate;
  readonly container?: Container;
}

/** The value of one field of the securityContext of a pod or container, or of a field below it. */
export function securityValue(part: PodPart, field: string, ...below: readonly string[]): unknown {
  const { pod, container } = part;
  const context = (container ?? pod.spec)["securityContext"];
  // Most of what is asked for is not there: the way is not gone again for it.
  if (isRecord(context)) {
    const value = context[field] ?? undefined;
    if (value === undefined || below.length === 0) return value;
  }
  return container === undefined
    ? valueAt(pod, "spec", "securityContext", field, ...below)
    : valueAt(container, "securityContext", field, ...below);
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
