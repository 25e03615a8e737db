import { z } from "zod";

import { strictObject } from "../support/strict-schema";

/** What a deploy does when it fails, and how long it may take. */
export interface ReleasePolicy {
  /** The last good revision comes back; it cannot be switched off (P7). @default true */
  readonly automaticRollback: true;
  /** Good revisions that are kept; 2 at least, so that there is one to go back to. @default 5 */
  readonly historyLimit: number;
  /** Seconds until a deploy counts as failed; 120 at most (P6). @default 120 */
  readonly timeoutSeconds: number;
  /** Seconds that the way back may take after that, a budget of its own; 120 at most (P6). @default 120 */
  readonly rollbackTimeoutSeconds: number;
  /**
   * A first deploy that fails has no revision to go back to: what it made stays, and the data in it;
   * it cannot be removed automatically (P7). @default "keep"
   */
  readonly failedInstall: "keep";
}

export const releasePolicySchema: z.ZodType<ReleasePolicy> = strictObject({
  automaticRollback: z.literal(true).default(true),
  historyLimit: z.int().min(2).max(100).default(5),
  timeoutSeconds: z.int().min(10).max(120).default(120),
  rollbackTimeoutSeconds: z.int().min(10).max(120).default(120),
  failedInstall: z.literal("keep").default("keep"),
});

export const releasePolicyDefaults: ReleasePolicy = {
  automaticRollback: true,
  historyLimit: 5,
  timeoutSeconds: 120,
  rollbackTimeoutSeconds: 120,
  failedInstall: "keep",
};
