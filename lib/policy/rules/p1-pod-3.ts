import { defineRule } from "../evaluation/rule";
import { privileged } from "../pod-security/privileged";
import { maskedProcAlways } from "../pod-security/proc-mount";
import { windowsHostProcess } from "../pod-security/windows-host-process";
import { podsAndContainers } from "../subjects/subjects";

/** No container is privileged, unmasks /proc or runs as a Windows host process. */
export const p1Pod3 = defineRule({
  id: "P1-POD-3",
  policy: "P1",
  severity: "critical",
  title: "no container is privileged, unmasks /proc or runs as a host process",
  why: "a privileged container reads every other tenant's data on its node",
  remediation:
    "remove securityContext.privileged, procMount and windowsOptions.hostProcess, or set them to false, Default and false",
  source:
    "Pod Security Standards, baseline and restricted: check_privileged, check_procMount_restricted, check_windowsHostProcess",
  inHome: podsAndContainers,
  check(part, report) {
    windowsHostProcess(part, report);
    privileged(part, report);
    maskedProcAlways(part, report);
  },
});
