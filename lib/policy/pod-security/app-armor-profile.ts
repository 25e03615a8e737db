import type { PodTemplate } from "../../kubernetes/pod-template";
import type { Report } from "../evaluation/rule";
import { fieldOf, recordAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { securityValue } from "./pod-context";
import type { PodPart } from "./pod-context";
import { profileType } from "./profile-type";

const ANNOTATIONS = ["metadata", "annotations"];
/** What the keys of AppArmor's annotations begin with; a container's name follows. */
export const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";

/** Nobody turns AppArmor off, by the field or by the annotation that came before it. */
export function appArmorProfile(part: PodPart, report: Report): void {
  if (securityValue(part, "appArmorProfile") !== undefined) {
    profileType(part, "appArmorProfile", report);
  }
  if (part.container === undefined) annotations(part.pod, report);
}

function annotations(pod: PodTemplate, report: Report): void {
  const all = recordAt(pod, ...ANNOTATIONS);
  // Only AppArmor's own are read: another annotation may well be unknown.
  for (const key in all) {
    if (!key.startsWith(APP_ARMOR)) continue;
    const value = valueAt(all, key) ?? "";
    const allowed =
      typeof value === "string" &&
      (value === "" || value === "runtime/default" || value.startsWith("localhost/"));
    if (allowed) continue;
    const message = `AppArmor profile is ${shown(value)}; allowed are runtime/default and localhost/…`;
    report(fieldOf([...ANNOTATIONS, key]), message);
  }
}
