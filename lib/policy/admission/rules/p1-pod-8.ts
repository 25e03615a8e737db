import { p1Pod8, RUNTIME_SOCKET } from "../../rules/p1-pod-8";
import { admissionRule } from "../admission-rule";
import { faultIf, pattern } from "../cel";
import { inContainers, inVolumes, PODS } from "../pods";

export const admitP1Pod8 = admissionRule(p1Pod8, {
  scope: PODS,
  faults: [
    faultIf(
      `variables.spec.?shareProcessNamespace.orValue(false)`,
      "shareProcessNamespace is true; allowed is false",
    ),
    inVolumes(
      `v.?hostPath.?path.orValue("").matches(${pattern(RUNTIME_SOCKET)})`,
      "is the socket of a container runtime",
    ),
    inContainers(
      `!variables.onWindows && !c.?securityContext.?readOnlyRootFilesystem.orValue(false)`,
      "readOnlyRootFilesystem is not true",
    ),
    inContainers(
      `c.?env.orValue([]).exists(e, e.?valueFrom.?secretKeyRef.hasValue()) || ` +
        `c.?envFrom.orValue([]).exists(e, e.?secretRef.hasValue())`,
      "a secret is an environment variable",
    ),
  ],
});
