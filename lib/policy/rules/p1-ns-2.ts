import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import { pinnedMinor } from "../pod-security/namespace-pin";
import { USER_NAMESPACES_SINCE } from "../pod-security/pod-check";
import { hasOwnUsers, securityField, securityValue } from "../pod-security/pod-context";
import { nonRoot, nonRootUser } from "../pod-security/root-user";
import { seLinuxTypeSince } from "../pod-security/se-linux-options";
import { eachSysctl } from "../pod-security/sysctls";
import { shown } from "../reading/shown";
import { podsAndContainers } from "../subjects/subjects";
import type { PodSubject } from "../subjects/subjects";

/** What P1-POD-6 and 7 allow, the version that a namespace pins allows too. */
export const p1Ns2 = defineRule({
  id: "P1-NS-2",
  policy: "P1",
  severity: "medium",
  title: "no pod needs a newer version of the Pod Security Standards than its namespace pins",
  why: "the API server refuses such a pod; of a workload it takes the template, and no pod ever starts",
  remediation:
    "pin pod-security.kubernetes.io/enforce-version to the version that allows it, or remove what needs it",
  source:
    "Pod Security Standards: check_seLinuxOptions (1.31), check_sysctls (1.27, 1.29, 1.32, 1.37), check_runAsNonRoot and check_runAsUser (hostUsers 1.35)",
  inHome: podsAndContainers,
  check(subject, report) {
    seLinux(subject, report);
    sysctls(subject, report);
    rootUsers(subject, report);
  },
});

function seLinux(subject: PodSubject, report: Report): void {
  const type = securityValue(subject, "seLinuxOptions", "type");
  const since = seLinuxTypeSince(type) ?? 0;
  const pin = pinBefore(since, subject);
  if (pin === undefined) return;
  const field = securityField(subject, "seLinuxOptions", "type");
  report(field, `SELinux type is ${shown(type)}, ${allowed(since, pin)}`);
}

function sysctls(subject: PodSubject, report: Report): void {
  eachSysctl(subject, (name, since, field) => {
    const pin = since === Infinity ? undefined : pinBefore(since, subject);
    if (pin !== undefined) report(field, `sysctl is ${shown(name)}, ${allowed(since, pin)}`);
  });
}

/** Without users of its own, a pod may run as root at no version. */
function rootUsers(subject: PodSubject, report: Report): void {
  if (!hasOwnUsers(subject.pod)) return;
  const early: Report = (field) => {
    const pin = pinBefore(USER_NAMESPACES_SINCE, subject);
    if (pin === undefined) return;
    report(field, `root in a pod with users of its own, ${allowed(USER_NAMESPACES_SINCE, pin)}`);
  };
  nonRoot(subject, early, USER_NAMESPACES_SINCE - 1);
  nonRootUser(subject, early, USER_NAMESPACES_SINCE - 1);
}

/** The version that the namespace pins if it is older than the one asked for. */
function pinBefore(since: number, { home }: PodSubject): number | undefined {
  if (since === 0) return undefined;
  const pin = pinnedMinor(home);
  return pin < since ? pin : undefined;
}

function allowed(since: number, pin: number): string {
  return `which is allowed from v1.${since} on; the namespace pins v1.${pin}`;
}
