import type { Report } from "../evaluation/rule";
import { shown } from "../reading/shown";
import { runsOnWindows, securityField, securityValue } from "./pod-context";
import type { PodPart } from "./pod-context";

const FIELD = "allowPrivilegeEscalation";

/** A container says that it gains no more rights than it started with. */
export function privilegeEscalation(part: PodPart, report: Report): void {
  if (part.container === undefined || runsOnWindows(part.pod)) return;
  const value = securityValue(part, FIELD);
  if (value === false) return;
  report(securityField(part, FIELD), `${FIELD} is ${shown(value)}; allowed is false`);
}
