import type { Report } from "../evaluation/rule";
import { allowOnly } from "./allowed-value";
import type { PodPart } from "./pod-context";

const FIELD = ["privileged"] as const;

/** A container is not privileged. */
export function privileged(part: PodPart, report: Report): void {
  if (part.container !== undefined) allowOnly(false, part, FIELD, report);
}
