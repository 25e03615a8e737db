import type { Report } from "../evaluation/rule";
import { allowOnly } from "./allowed-value";
import type { PodPart } from "./pod-context";

const FIELD = ["windowsOptions", "hostProcess"] as const;

/** Neither a pod nor a container is a process of its Windows node. */
export function windowsHostProcess(part: PodPart, report: Report): void {
  allowOnly(false, part, FIELD, report);
}
