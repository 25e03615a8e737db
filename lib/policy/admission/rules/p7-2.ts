import { FEWEST, p7Rule2 } from "../../rules/p7-2";
import { admissionRule } from "../admission-rule";
import { faultIf } from "../cel";
import { ROLLOUTS } from "../rollouts";

export const admitP7Rule2 = admissionRule(p7Rule2, {
  rest: "a release is no object of the API server",
  scope: ROLLOUTS,
  faults: [
    faultIf(
      `dyn(object).spec.?revisionHistoryLimit.orValue(10) < ${FEWEST}`,
      `revisionHistoryLimit is below ${FEWEST}`,
    ),
  ],
});
