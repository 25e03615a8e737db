import { HOST_NAMESPACES } from "../../pod-security/host-namespaces";
import { CALLERS } from "../../pod-security/host-probes";
import { p1Pod2 } from "../../rules/p1-pod-2";
import { admissionRule } from "../admission-rule";
import { faultIf } from "../cel";
import { inContainers, PODS } from "../pods";

/** CEL: whether a probe or hook of the container `c` has the kubelet call a host. */
const CALLS_HOST = CALLERS.flatMap((caller) =>
  ["httpGet", "tcpSocket"].map(
    (action) => `c.?${[...caller, action, "host"].join(".?")}.orValue("") != ""`,
  ),
).join(" || ");

export const admitP1Pod2 = admissionRule(p1Pod2, {
  scope: PODS,
  faults: [
    ...HOST_NAMESPACES.map((field) =>
      faultIf(`variables.spec.?${field}.orValue(false)`, `${field} is true; allowed is false`),
    ),
    inContainers(
      `c.?ports.orValue([]).exists(p, p.?hostPort.orValue(0) != 0)`,
      "has a hostPort; allowed is none",
    ),
    inContainers(CALLS_HOST, "has a probe or hook with a host; allowed is the pod itself"),
  ],
});
