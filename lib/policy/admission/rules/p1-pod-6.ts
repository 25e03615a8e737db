import { p1Pod6 } from "../../rules/p1-pod-6";
import { admissionRule } from "../admission-rule";
import { faultIf } from "../cel";
import { inContainers, PODS } from "../pods";

/** A pod with users of its own may call one of them root. */
const SHARES_USERS = `variables.spec.?hostUsers.orValue(true)`;

export const admitP1Pod6 = admissionRule(p1Pod6, {
  scope: PODS,
  faults: [
    faultIf(
      `${SHARES_USERS} && !variables.context.?runAsNonRoot.orValue(true)`,
      "the pod's runAsNonRoot is false; allowed is true",
    ),
    faultIf(
      `${SHARES_USERS} && variables.context.?runAsUser.orValue(1) == 0`,
      "the pod's runAsUser is 0; allowed is any other number",
    ),
    inContainers(
      `${SHARES_USERS} && !c.?securityContext.?runAsNonRoot.orValue(variables.context.?runAsNonRoot.orValue(false))`,
      "neither it nor its pod sets runAsNonRoot to true",
    ),
    inContainers(
      `${SHARES_USERS} && c.?securityContext.?runAsUser.orValue(1) == 0`,
      "runAsUser is 0; allowed is any other number",
    ),
  ],
});
