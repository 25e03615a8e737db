import { ENDPOINTS, p1Net5 } from "../../rules/p1-net-5";
import { admissionRule } from "../admission-rule";
import { namespaced, together } from "../admission-scope";
import { faultIf, literal, ofKinds } from "../cel";

/** Who writes down where a Service's selector leads. */
const ENDPOINT_CONTROLLERS = [
  "system:serviceaccount:kube-system:endpoint-controller",
  "system:serviceaccount:kube-system:endpointslice-controller",
  "system:serviceaccount:kube-system:endpointslicemirroring-controller",
  "system:kube-controller-manager",
];

export const admitP1Net5 = admissionRule(p1Net5, {
  scope: together(
    namespaced("v1", ["services"]),
    namespaced("v1", ["endpoints"], ["subsets"]),
    namespaced("discovery.k8s.io/v1", ["endpointslices"], ["endpoints"]),
  ),
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
    ofKinds(
      Object.keys(ENDPOINTS),
      faultIf(
        `!(request.userInfo.username in ${literal(ENDPOINT_CONTROLLERS)})`,
        "leads a Service to any address; allowed is the Service's own selector",
      ),
    ),
  ],
});
