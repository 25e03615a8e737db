import type { Report } from "../evaluation/rule";
import { runsOnWindows, securityValue } from "./pod-context";
import type { PodPart } from "./pod-context";
import { profileType } from "./profile-type";

const PROFILE = "seccompProfile";

/** Baseline: nobody turns seccomp off. */
export function seccompAllowed(part: PodPart, report: Report): void {
  if (securityValue(part, PROFILE) !== undefined) profileType(part, PROFILE, report);
}

/** Restricted: every container has a seccomp profile, its own or its pod's. */
export function seccompRequired(part: PodPart, report: Report): void {
  if (runsOnWindows(part.pod)) return;
  if (securityValue(part, PROFILE) === undefined) {
    // A pod may leave it to its containers; what it sets wrongly is a finding on the pod.
    const { pod, container } = part;
    if (container === undefined) return;
    if (securityValue({ pod }, PROFILE) !== undefined) return;
  }
  profileType(part, PROFILE, report);
}
