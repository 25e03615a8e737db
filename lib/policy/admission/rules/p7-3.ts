import { READINESS_BUDGET_SECONDS } from "../../provisioning/readiness-budget";
import { p7Rule3 } from "../../rules/p7-3";
import { admissionRule } from "../admission-rule";
import { namespaced, together } from "../admission-scope";
import { faultIf, ofKinds } from "../cel";
import { ROLLOUT_KINDS, ROLLOUTS } from "../rollouts";

const DEADLINE = "progressDeadlineSeconds";
const MAX_UNAVAILABLE = `variables.strategy.?rollingUpdate.?maxUnavailable`;
/** CEL: whether a value is a percentage of 100 and more. */
const isAll = (value: string) =>
  `type(${value}) == string && int(${value}.replace("%", "")) >= 100`;
const BUDGET = `dyn(object).?spec`;

export const admitP7Rule3 = admissionRule(p7Rule3, {
  scope: together(ROLLOUTS, namespaced("policy/v1", ["poddisruptionbudgets"])),
  variables: {
    strategy: `dyn(object).spec[?request.kind.kind == "Deployment" ? "strategy" : "updateStrategy"].orValue({})`,
    type: `variables.strategy.?type.orValue("RollingUpdate")`,
    replicas: `dyn(object).spec.?replicas.orValue(1)`,
    // The only pod of a StatefulSet has to go before its successor comes.
    counts: `request.kind.kind != "DaemonSet" && variables.replicas > (request.kind.kind == "StatefulSet" ? 1 : 0)`,
  },
  faults: [
    ofKinds(
      ["Deployment"],
      faultIf(
        `dyn(object).spec.?${DEADLINE}.orValue(600) >= ${READINESS_BUDGET_SECONDS}`,
        `${DEADLINE} is not below ${READINESS_BUDGET_SECONDS}`,
      ),
    ),
    ofKinds(
      ROLLOUT_KINDS,
      faultIf(
        `dyn(object).spec.template.spec.?containers.orValue([]).exists(c, !c.?readinessProbe.hasValue())`,
        "a container has no readinessProbe",
      ),
      faultIf(`variables.type != "RollingUpdate"`, "the strategy is not RollingUpdate"),
      faultIf(
        `variables.type == "RollingUpdate" && ${MAX_UNAVAILABLE}.hasValue() && ` +
          `[${MAX_UNAVAILABLE}.value()].exists(m, ${isAll("m")} || ` +
          `type(m) == int && variables.counts && m >= variables.replicas)`,
        "maxUnavailable lets all pods be away at once",
      ),
    ),
    ofKinds(
      ["PodDisruptionBudget"],
      faultIf(
        `[${BUDGET}.?maxUnavailable.orValue(1)].exists(m, type(m) == string ? int(m.replace("%", "")) == 0 : m == 0) || ` +
          `[${BUDGET}.?minAvailable.orValue(0)].exists(m, ${isAll("m")})`,
        "forbids every eviction",
      ),
    ),
  ],
});
