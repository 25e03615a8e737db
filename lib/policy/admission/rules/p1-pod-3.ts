import { p1Pod3 } from "../../rules/p1-pod-3";
import { admissionRule } from "../admission-rule";
import { faultIf } from "../cel";
import { inContainers, PODS } from "../pods";

export const admitP1Pod3 = admissionRule(p1Pod3, {
  scope: PODS,
  faults: [
    faultIf(
      `variables.context.?windowsOptions.?hostProcess.orValue(false)`,
      "the pod is a host process; allowed is none",
    ),
    inContainers(
      `c.?securityContext.?windowsOptions.?hostProcess.orValue(false)`,
      "hostProcess is true; allowed is false",
    ),
    inContainers(
      `c.?securityContext.?privileged.orValue(false)`,
      "privileged is true; allowed is false",
    ),
    inContainers(
      `c.?securityContext.?procMount.orValue("Default") != "Default"`,
      "procMount is not Default",
    ),
  ],
});
