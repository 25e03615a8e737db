import { METRICS_PATH, p4Rule8 } from "../../rules/p4-8";
import { admissionRule } from "../admission-rule";
import { namespaced } from "../admission-scope";
import { faultIf, pattern } from "../cel";

export const admitP4Rule8 = admissionRule(p4Rule8, {
  rest: "which port and path of a pod a backend leads to is in its Service, pods and monitors",
  scope: namespaced("networking.k8s.io/v1", ["ingresses"]),
  faults: [
    faultIf(
      `dyn(object).?spec.?rules.orValue([]).exists(r, r.?http.?paths.orValue([]).exists(p, ` +
        `p.?path.orValue("").matches(${pattern(METRICS_PATH)})))`,
      "a path is one where metrics are served",
    ),
  ],
});
