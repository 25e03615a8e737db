import { defineRule } from "../evaluation/rule";
import { NEWEST_MINOR } from "../pod-security/pod-check";
import { nonRoot, nonRootUser } from "../pod-security/root-user";
import { podsAndContainers } from "../subjects/subjects";

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
  inHome: podsAndContainers,
  check(part, report) {
    nonRoot(part, report, NEWEST_MINOR);
    nonRootUser(part, report, NEWEST_MINOR);
  },
});
