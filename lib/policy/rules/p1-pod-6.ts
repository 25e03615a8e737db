import { hasOwnUsers, securityField, securityValue } from "../pod-context";
import type { PodPart } from "../pod-context";
import { defineRule } from "../rule";
import { shown } from "../shown";
import { podsAndContainers } from "../subjects";

/** Nothing runs as root, unless the pod has users of its own. */
export const p1Pod6 = defineRule({
  id: "P1-POD-6",
  policy: "P1",
  severity: "high",
  title: "no container runs as root",
  why: "root in a container that breaks out is root on the node, next to every other tenant",
  remediation:
    "set runAsNonRoot: true in the pod's or each container's securityContext, and no runAsUser 0",
  source:
    "Pod Security Standards, restricted: check_runAsNonRoot, check_runAsUser (1.23; hostUsers 1.35)",
  subjects: podsAndContainers,
  check(part, report) {
    if (hasOwnUsers(part.pod)) return;
    const nonRoot = securityValue(part, "runAsNonRoot");
    if (nonRoot === undefined ? isLeftOpen(part) : nonRoot !== true) {
      const message = `runAsNonRoot is ${shown(nonRoot)}; allowed is true`;
      report(securityField(part, "runAsNonRoot"), message);
    }
    const user = securityValue(part, "runAsUser");
    if (user !== undefined && !isOtherUser(user)) {
      const message = `runAsUser is ${shown(user)}; allowed is any number but 0`;
      report(securityField(part, "runAsUser"), message);
    }
  },
});

/**
 * Whether neither a container nor its pod says anything. A pod may leave it to its containers; where
 * it says something wrong, that is a finding on the pod.
 */
function isLeftOpen({ pod, container }: PodPart): boolean {
  return container !== undefined && securityValue({ pod }, "runAsNonRoot") === undefined;
}

function isOtherUser(user: unknown): boolean {
  return Number.isInteger(user) && user !== 0;
}
