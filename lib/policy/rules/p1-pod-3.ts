import { securityField, securityValue } from "../pod-context";
import { defineRule } from "../rule";
import { shown } from "../shown";
import { podsAndContainers } from "../subjects";

/** No container is privileged, unmasks /proc or runs as a Windows host process. */
export const p1Pod3 = defineRule({
  id: "P1-POD-3",
  policy: "P1",
  severity: "critical",
  title: "no container is privileged, unmasks /proc or runs as a host process",
  why: "a privileged container reads every other tenant's data on its node",
  remediation:
    "remove securityContext.privileged, procMount and windowsOptions.hostProcess, or set them to false, Default and false",
  source:
    "Pod Security Standards, baseline and restricted: check_privileged, check_procMount_restricted, check_windowsHostProcess",
  subjects: podsAndContainers,
  check(part, report) {
    const only = (allowed: string | boolean, ...path: string[]) => {
      const value = securityValue(part, ...path) ?? allowed;
      if (value === allowed) return;
      const message = `${path.at(-1)} is ${shown(value)}; allowed is ${shown(allowed)}`;
      report(securityField(part, ...path), message);
    };
    only(false, "windowsOptions", "hostProcess");
    // A pod's own security context has neither of these.
    if (part.container === undefined) return;
    only(false, "privileged");
    only("Default", "procMount");
  },
});
