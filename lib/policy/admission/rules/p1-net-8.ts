import { NAMESPACED, p1Net8 } from "../../rules/p1-net-8";
import { admissionRule } from "../admission-rule";
import { faultIf } from "../cel";
import { resourceOf } from "../resource-of";

/** In a tenant's namespace. The wording of the rule is its title. */
export const admitP1Net8 = admissionRule(p1Net8, {
  rest: "cluster-wide kinds, such as an AdminNetworkPolicy, act on every namespace and are the administrator's; only the audit finds them",
  scope: {
    resources: [{ apiGroups: ["*"], apiVersions: ["*"], resources: NAMESPACED.map(resourceOf) }],
    reads: ["spec", "specs"],
    variables: {},
  },
  faults: [
    faultIf(
      `request.kind.group != "networking.k8s.io"`,
      "its kind allows and denies what no rule reads",
    ),
  ],
});
