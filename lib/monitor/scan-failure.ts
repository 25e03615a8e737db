import { printable } from "../support/printable";
import { UsageError } from "../support/problem";
import type { Problem } from "../support/problem";
import type { KubeApi } from "../topology/kube-api";
import { KubeApiError } from "../topology/kube-api";
import { kubeFailure, kubeFailureMend } from "../topology/kube-failure";

/** How to get the rights that a scan of a cluster needs. */
const ROLE = "bind the scan's account to the role that 'atom audit role' prints";

/** Something that a scan could not see. */
export interface Unseen {
  /** As a role names it: `secrets`, `deployments.apps`. */
  readonly what: string;
  readonly error: KubeApiError;
}

/** What cannot be seen is no pass: a scan that misses a part of a cluster ends with all that it misses. */
export function scanFailure(api: KubeApi, unseen: readonly Unseen[]): UsageError {
  return new UsageError(
    `scan of the cluster behind ${printable(api.context)}`,
    unseen.map(({ what, error }): Problem => {
      if (error.code === "403") {
        return { path: what, message: "may not be listed and watched (403)", mend: ROLE };
      }
      if (error.code === "401") {
        const mend = "log in again, or name another context with --context";
        return { path: what, message: "the API server does not know who asks (401)", mend };
      }
      const message = `cannot be read (${kubeFailure(api, error)})`;
      const mend = kubeFailureMend(error);
      return mend === undefined ? { path: what, message } : { path: what, message, mend };
    }),
  );
}

/** What an exchange failed with. @throws everything that is no {@link KubeApiError}: a bug. */
export function kubeApiError(error: unknown): KubeApiError {
  if (error instanceof KubeApiError) return error;
  throw error;
}
