import {
  BACK_DOORS,
  BINDINGS,
  ESCALATING,
  SHOWING,
  WHOLESALE,
} from "../../rights/forbidden-rights";
import { p1Rbac3, TOO_STRONG } from "../../rules/p1-rbac-3";
import { admissionRule } from "../admission-rule";
import { faultIf, literal, ofKinds, pattern } from "../cel";
import { CLUSTER_ROLES_REST, ROLES } from "../roles";

const inRules = (condition: string) => `variables.rules.exists(r, ${condition})`;
const list = (name: string) => `r.?${name}.orValue([])`;

export const admitP1Rbac3 = admissionRule(p1Rbac3, {
  rest: CLUSTER_ROLES_REST,
  scope: ROLES,
  faults: [
    faultIf(
      inRules(
        ["apiGroups", "resources", "verbs"]
          .map((name) => `${list(name)}.exists(t, t.contains("*"))`)
          .join(" || "),
      ),
      "a rule has a wildcard",
    ),
    faultIf(
      inRules(`${list("verbs")}.exists(v, v.matches(${pattern(ESCALATING)}))`),
      "a rule has a verb that lets its holder take other rights: escalate, bind, impersonate, or one that begins with impersonate: or impersonate-on:",
    ),
    faultIf(
      inRules(`${list("resources")}.exists(t, t in ${literal(Object.keys(BACK_DOORS))})`),
      `a rule has what ${[...new Set(Object.values(BACK_DOORS))].join(", or ")}: ${Object.keys(BACK_DOORS).join(", ")}`,
    ),
    faultIf(
      inRules(
        `"create" in ${list("verbs")} && ${list("resources")}.exists(t, t in ${literal(BINDINGS)})`,
      ),
      `a rule creates what puts pods on any node: ${[...BINDINGS].join(", ")}`,
    ),
    faultIf(
      inRules(
        `"secrets" in ${list("resources")} && ${list("verbs")}.exists(v, v in ${literal(WHOLESALE)})`,
      ),
      "a rule lists, watches or deletes secrets as a collection; they may be got by name only",
    ),
    faultIf(
      inRules(
        `"secrets" in ${list("resources")} && ${list("verbs")}.exists(v, v in ${literal(SHOWING)}) && ${list("resourceNames")}.size() == 0`,
      ),
      `a rule has a verb that shows any secret in its answer: ${[...SHOWING].join(", ")}; allowed are those of resourceNames`,
    ),
    ofKinds(
      ["RoleBinding"],
      faultIf(
        `dyn(object).roleRef.kind == "ClusterRole" && dyn(object).roleRef.name in ${literal(TOO_STRONG)}`,
        "the role rules over the whole namespace, secrets included",
      ),
    ),
  ],
});
