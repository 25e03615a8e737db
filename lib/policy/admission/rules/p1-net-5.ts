import { p1Net5 } from "../../rules/p1-net-5";
import { admissionRule } from "../admission-rule";
import { namespaced } from "../admission-scope";
import { faultIf } from "../cel";

export const admitP1Net5 = admissionRule(p1Net5, {
  scope: namespaced("v1", ["services"]),
  variables: {
    type: `dyn(object).?spec.?type.orValue("ClusterIP")`,
    parts: `variables.type == "ExternalName" ? dyn(object).spec.?externalName.orValue("").lowerAscii().split(".") : []`,
    // The namespace stands before the last svc or pod.
    end: `[variables.parts.lastIndexOf("svc"), variables.parts.lastIndexOf("pod")].max()`,
  },
  faults: [
    faultIf(
      `dyn(object).?spec.?externalIPs.orValue([]).size() > 0`,
      "takes externalIPs; allowed are none",
    ),
    faultIf(`!(variables.type in ["ClusterIP", "ExternalName"])`, "type is not ClusterIP"),
    faultIf(
      `variables.end >= 2 && variables.parts[variables.end - 1] != request.namespace`,
      "externalName leads to another namespace; allowed is the Service's own",
    ),
  ],
});
