import type { Report } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import type { PodPart } from "./pod-context";

export const HOST_NAMESPACES = ["hostNetwork", "hostPID", "hostIPC"];

/** A pod shares none of the node's namespaces. */
export function hostNamespaces({ pod, container }: PodPart, report: Report): void {
  if (container !== undefined) return;
  for (const field of HOST_NAMESPACES) {
    const value = valueAt(pod, "spec", field) ?? false;
    if (value !== false) {
      report(`.spec.${field}`, `${field} is ${shown(value)}; allowed is false`);
    }
  }
}
