import type { Report } from "../evaluation/rule";
import { shown } from "../reading/shown";
import { USER_NAMESPACES_SINCE } from "./pod-check";
import { hasOwnUsers, securityField, securityValue } from "./pod-context";
import type { PodPart } from "./pod-context";

/** Every container says that it does not run as root, or its pod says so for it. */
export function nonRoot(part: PodPart, report: Report, minor: number): void {
  if (isExempt(part, minor)) return;
  const value = securityValue(part, "runAsNonRoot");
  if (value === undefined ? !isLeftOpen(part) : value === true) return;
  const message = `runAsNonRoot is ${shown(value)}; allowed is true`;
  report(securityField(part, "runAsNonRoot"), message);
}

/** Nothing says that it runs as user 0. */
export function nonRootUser(part: PodPart, report: Report, minor: number): void {
  if (isExempt(part, minor)) return;
  const user = securityValue(part, "runAsUser");
  if (user === undefined || isOtherUser(user)) return;
  const message = `runAsUser is ${shown(user)}; allowed is any number but 0`;
  report(securityField(part, "runAsUser"), message);
}

function isExempt({ pod }: PodPart, minor: number): boolean {
  return minor >= USER_NAMESPACES_SINCE && hasOwnUsers(pod);
}

/**
 * Whether neither a container nor its pod says anything. A pod may leave it to its containers; where
 * it says something wrong, that is a finding on the pod.
 */
function isLeftOpen({ pod, container }: PodPart): boolean {
  return container !== undefined && securityValue({ pod }, "runAsNonRoot") === undefined;
}

function isOtherUser(user: unknown): boolean {
  return Number.isInteger(user) && user !== 0;
}
