import { ADDABLE } from "../../pod-security/capabilities";
import { p1Pod4 } from "../../rules/p1-pod-4";
import { admissionRule } from "../admission-rule";
import { literal } from "../cel";
import { inContainers, PODS } from "../pods";

const CAPABILITIES = `c.?securityContext.?capabilities`;

export const admitP1Pod4 = admissionRule(p1Pod4, {
  scope: PODS,
  faults: [
    inContainers(
      `!variables.onWindows && !("ALL" in ${CAPABILITIES}.?drop.orValue([]))`,
      "does not drop ALL capabilities",
    ),
    inContainers(
      `!variables.onWindows && ${CAPABILITIES}.?add.orValue([]).exists(a, a != ${literal(ADDABLE)})`,
      `adds a capability; allowed is ${ADDABLE}`,
    ),
  ],
});
