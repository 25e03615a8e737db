import type { Report } from "../evaluation/rule";
import { shown } from "../reading/shown";
import { securityField, securityValue } from "./pod-context";
import type { PodPart } from "./pod-context";

/** Profiles that confine a container. */
export const PROFILES: readonly unknown[] = ["RuntimeDefault", "Localhost"];

/** Reports a profile of seccomp or AppArmor that is not one of the runtime's or the node's. */
export function profileType(
  part: PodPart,
  profile: "seccompProfile" | "appArmorProfile",
  report: Report,
): void {
  const type = securityValue(part, profile, "type");
  if (PROFILES.includes(type)) return;
  const message = `${profile} is ${shown(type)}; allowed are ${PROFILES.join(" and ")}`;
  report(securityField(part, profile, "type"), message);
}
