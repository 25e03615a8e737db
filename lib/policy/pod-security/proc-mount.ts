import type { Report } from "../evaluation/rule";
import { allowOnly } from "./allowed-value";
import { USER_NAMESPACES_SINCE } from "./pod-check";
import { hasOwnUsers } from "./pod-context";
import type { PodPart } from "./pod-context";

const FIELD = ["procMount"] as const;

/** Baseline: a container unmasks no /proc but that of a pod with users of its own. */
export function maskedProc(part: PodPart, report: Report, minor: number): void {
  if (minor >= USER_NAMESPACES_SINCE && hasOwnUsers(part.pod)) return;
  maskedProcAlways(part, report);
}

/** Restricted: a container unmasks no /proc. */
export function maskedProcAlways(part: PodPart, report: Report): void {
  if (part.container !== undefined) allowOnly("Default", part, FIELD, report);
}
