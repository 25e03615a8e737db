import { p1Pod5 } from "../../rules/p1-pod-5";
import { admissionRule } from "../admission-rule";
import { inContainers, PODS } from "../pods";

export const admitP1Pod5 = admissionRule(p1Pod5, {
  scope: PODS,
  faults: [
    inContainers(
      `!variables.onWindows && c.?securityContext.?allowPrivilegeEscalation.orValue(true)`,
      "allowPrivilegeEscalation is not false",
    ),
  ],
});
