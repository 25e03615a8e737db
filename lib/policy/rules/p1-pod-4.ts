import { defineRule } from "../evaluation/rule";
import { droppedCapabilities } from "../pod-security/capabilities";
import { containers } from "../subjects/subjects";

/** Containers drop all capabilities, and add none but NET_BIND_SERVICE. */
export const p1Pod4 = defineRule({
  id: "P1-POD-4",
  policy: "P1",
  severity: "high",
  title: "every container drops ALL capabilities and adds at most NET_BIND_SERVICE",
  why: "a capability such as NET_RAW or SYS_PTRACE reaches past the container's own processes and packets",
  remediation: "set securityContext.capabilities.drop to [ALL] and remove add",
  source: "Pod Security Standards, restricted: check_capabilities_restricted (1.22, Windows 1.25)",
  inHome: containers,
  check(part, report) {
    droppedCapabilities(part, report);
  },
});
