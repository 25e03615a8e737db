import { DEFAULT_DENY, p1Net2 } from "../../rules/p1-net-2";
import { admissionRule } from "../admission-rule";
import { namespaced } from "../admission-scope";
import { faultIf, literal } from "../cel";

export const admitP1Net2 = admissionRule(p1Net2, {
  scope: namespaced("networking.k8s.io/v1", ["networkpolicies"]),
  variables: { selector: `dyn(object).?spec.?podSelector.orValue({})` },
  faults: [
    faultIf(
      `dyn(object).metadata.name != ${literal(DEFAULT_DENY)} && ` +
        `variables.selector.?matchLabels.orValue({}).size() == 0 && ` +
        `variables.selector.?matchExpressions.orValue([]).size() == 0`,
      `selects every pod, in a policy that is not named ${DEFAULT_DENY}`,
    ),
  ],
});
