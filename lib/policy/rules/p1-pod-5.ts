import { defineRule } from "../evaluation/rule";
import { privilegeEscalation } from "../pod-security/privilege-escalation";
import { containers } from "../subjects/subjects";

/** No container can gain more rights than it started with. */
export const p1Pod5 = defineRule({
  id: "P1-POD-5",
  policy: "P1",
  severity: "high",
  title: "every container forbids privilege escalation",
  why: "a set-user-ID program in an image gives root back to a container that gave it up",
  remediation: "set securityContext.allowPrivilegeEscalation: false; it is true if nobody says so",
  source: "Pod Security Standards, restricted: check_allowPrivilegeEscalation (1.8, Windows 1.25)",
  inHome: containers,
  check(part, report) {
    privilegeEscalation(part, report);
  },
});
