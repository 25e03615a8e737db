import { runsOnWindows, securityField, securityValue } from "../pod-context";
import { defineRule } from "../rule";
import { shown } from "../shown";
import { containers } from "../subjects";

const FIELD = "allowPrivilegeEscalation";

/** No container can gain more rights than it started with. */
export const p1Pod5 = defineRule({
  id: "P1-POD-5",
  policy: "P1",
  severity: "high",
  title: "every container forbids privilege escalation",
  why: "a set-user-ID program in an image gives root back to a container that gave it up",
  remediation: "set securityContext.allowPrivilegeEscalation: false; it is true if nobody says so",
  source: "Pod Security Standards, restricted: check_allowPrivilegeEscalation (1.8, Windows 1.25)",
  subjects: containers,
  check(part, report) {
    if (runsOnWindows(part.pod)) return;
    const value = securityValue(part, FIELD);
    if (value === false) return;
    const message = `${FIELD} is ${shown(value)}; allowed is false`;
    report(securityField(part, FIELD), message);
  },
});
