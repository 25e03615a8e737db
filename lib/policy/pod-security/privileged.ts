import type { PodPart } from "../pod-context";
import type { Report } from "../rule";
import { allowOnly } from "./allowed-value";

const FIELD = ["privileged"] as const;

/** A container is not privileged. */
export function privileged(part: PodPart, report: Report): void {
  if (part.container !== undefined) allowOnly(false, part, FIELD, report);
}
