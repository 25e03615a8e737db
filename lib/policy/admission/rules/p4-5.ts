import type { Path } from "../../reading/read";
import { CREDENTIALS, FILES, p4Rule5 } from "../../rules/p4-5";
import { admissionRule } from "../admission-rule";
import { faultIf } from "../cel";
import { inEndpoints, MONITOR_OBJECTS } from "../monitors";

const at = (path: Path) => `e.?${path.join(".?")}`;

export const admitP4Rule5 = admissionRule(p4Rule5, {
  scope: MONITOR_OBJECTS,
  faults: [
    faultIf(
      `dyn(object).?spec.?namespaceSelector.?any.orValue(false) != false`,
      "selects every namespace; allowed is the tenant's own",
    ),
    inEndpoints(
      `e.?honorLabels.orValue(false) != false`,
      "honorLabels lets a pod set its own namespace's label",
    ),
    inEndpoints(
      FILES.map((path) => `${at(path)}.orValue("") != ""`).join(" || "),
      "an endpoint names a file of Prometheus",
    ),
    inEndpoints(
      CREDENTIALS.map((path) => `type(${at(path)}.orValue(0)) == string`).join(" || "),
      "a credential is a literal; allowed is a reference to a Secret's key",
    ),
  ],
});
