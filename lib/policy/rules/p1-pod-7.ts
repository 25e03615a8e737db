import { defineRule } from "../evaluation/rule";
import { appArmorProfile } from "../pod-security/app-armor-profile";
import { NEWEST_MINOR } from "../pod-security/pod-check";
import { seLinuxOptions } from "../pod-security/se-linux-options";
import { seccompRequired } from "../pod-security/seccomp-profile";
import { sysctls } from "../pod-security/sysctls";
import { podsAndContainers } from "../subjects/subjects";

/** Seccomp, AppArmor, SELinux and sysctls are what the runtime gives, or tighter. */
export const p1Pod7 = defineRule({
  id: "P1-POD-7",
  policy: "P1",
  severity: "high",
  title:
    "every container runs under a seccomp profile, and none loosens AppArmor, SELinux or sysctls",
  why: "these are what still stands between a container that breaks out and the node's kernel",
  remediation:
    "set seccompProfile.type: RuntimeDefault in the pod's securityContext, and remove appArmorProfile, seLinuxOptions and sysctls",
  source:
    "Pod Security Standards: check_seccompProfile_restricted (1.19, Windows 1.25), check_appArmorProfile, check_seLinuxOptions, check_sysctls",
  inHome: podsAndContainers,
  check(part, report) {
    seccompRequired(part, report);
    appArmorProfile(part, report);
    seLinuxOptions(part, report, NEWEST_MINOR);
    sysctls(part, report, NEWEST_MINOR);
  },
});
