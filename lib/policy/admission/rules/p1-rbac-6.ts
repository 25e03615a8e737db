import { BOUNDARY, WRITES } from "../../rights/boundary-rights";
import { p1Rbac6 } from "../../rules/p1-rbac-6";
import { admissionRule } from "../admission-rule";
import { faultIf, literal } from "../cel";
import { CLUSTER_ROLES_REST, ROLES } from "../roles";

const RESOURCES = ["*", ...Object.keys(BOUNDARY)];

export const admitP1Rbac6 = admissionRule(p1Rbac6, {
  rest: CLUSTER_ROLES_REST,
  scope: ROLES,
  faults: [
    faultIf(
      `variables.rules.exists(r, r.?verbs.orValue([]).exists(v, v in ${literal(WRITES)}) && ` +
        `r.?resources.orValue([]).exists(t, t.split("/")[0] in ${literal(RESOURCES)}))`,
      "a rule changes what keeps the tenant apart",
    ),
  ],
});
