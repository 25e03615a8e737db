import { runsOnWindows } from "../pod-context";
import { textsAt } from "../read";
import { defineRule } from "../rule";
import { shown } from "../shown";
import { containers } from "../subjects";

const CAPABILITIES = ["securityContext", "capabilities"];
const ALLOWED = "NET_BIND_SERVICE";

/** Containers drop all capabilities, and add none but NET_BIND_SERVICE. */
export const p1Pod4 = defineRule({
  id: "P1-POD-4",
  policy: "P1",
  severity: "high",
  title: "every container drops ALL capabilities and adds at most NET_BIND_SERVICE",
  why: "a capability such as NET_RAW or SYS_PTRACE reaches past the container's own processes and packets",
  remediation: "set securityContext.capabilities.drop to [ALL] and remove add",
  source: "Pod Security Standards, restricted: check_capabilities_restricted (1.22, Windows 1.25)",
  subjects: containers,
  check({ pod, container }, report) {
    if (runsOnWindows(pod)) return;
    // Capabilities are written without CAP_ and in capitals: "all" drops nothing.
    if (!textsAt(container, ...CAPABILITIES, "drop").includes("ALL")) {
      report(".securityContext.capabilities.drop", "does not drop ALL");
    }
    textsAt(container, ...CAPABILITIES, "add").forEach((capability, index) => {
      if (capability === ALLOWED) return;
      const message = `adds ${shown(capability)}; allowed is ${ALLOWED}`;
      report(`.securityContext.capabilities.add[${index}]`, message);
    });
  },
});
