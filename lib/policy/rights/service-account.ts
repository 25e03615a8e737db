import type { PodTemplate } from "../../kubernetes/pod-template";
import { valueAt } from "../reading/read";

/** The account of every pod that names none. Kubernetes makes it in each namespace. */
export const DEFAULT_ACCOUNT = "default";

/**
 * Which service account a pod runs as, and the field below the pod that says so. `serviceAccount` is
 * the old name of `serviceAccountName`, and counts where that is empty.
 * Source: k8s.io/kubernetes/pkg/apis/core/v1, Convert_v1_PodSpec_To_core_PodSpec.
 */
export function serviceAccountOf(pod: PodTemplate): {
  readonly name: unknown;
  readonly field: string;
} {
  for (const key of ["serviceAccountName", "serviceAccount"]) {
    const name = valueAt(pod, "spec", key) ?? "";
    if (name !== "") return { name, field: `.spec.${key}` };
  }
  return { name: DEFAULT_ACCOUNT, field: ".spec.serviceAccountName" };
}
