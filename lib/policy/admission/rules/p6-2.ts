import { isLongRunning } from "../../../kubernetes/pod-template";
import { READINESS_BUDGET_SECONDS } from "../../provisioning/readiness-budget";
import { p6Rule2 } from "../../rules/p6-2";
import { admissionRule } from "../admission-rule";
import { faultIf, ofKinds } from "../cel";
import { POD_KINDS, PODS } from "../pods";

/** CEL: the seconds until a probe of the container `c` has passed or given up. */
const seconds = (probe: string) =>
  `(c.?${probe}.hasValue() ? c.${probe}.?initialDelaySeconds.orValue(0) + ` +
  `c.${probe}.?failureThreshold.orValue(3) * c.${probe}.?periodSeconds.orValue(10) : 0)`;

export const admitP6Rule2 = admissionRule(p6Rule2, {
  scope: PODS,
  variables: {
    sidecars: `variables.spec.?initContainers.orValue([]).filter(c, c.?restartPolicy.orValue("") == "Always").map(c, ${seconds("startupProbe")})`,
    slowest: `variables.spec.?containers.orValue([]).map(c, ${seconds("startupProbe")} + ${seconds("readinessProbe")})`,
    minReady: `request.kind.kind == "Pod" ? 0 : dyn(object).spec.?minReadySeconds.orValue(0)`,
  },
  faults: [
    ofKinds(
      POD_KINDS.filter(isLongRunning),
      faultIf(
        `([0] + variables.sidecars).sum() + ([0] + variables.slowest).max() + variables.minReady > ${READINESS_BUDGET_SECONDS}`,
        `probes and minReadySeconds may take more than ${READINESS_BUDGET_SECONDS} s`,
      ),
    ),
  ],
});
