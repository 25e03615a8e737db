import { runsOnWindows, securityField, securityValue } from "../pod-context";
import type { PodPart } from "../pod-context";
import { eachElement, fieldOf, recordAt, valueAt } from "../read";
import type { PodTemplate } from "../../kubernetes/pod-template";
import { defineRule } from "../rule";
import type { Report } from "../rule";
import { shown } from "../shown";
import { podsAndContainers } from "../subjects";

const PROFILES: readonly unknown[] = ["RuntimeDefault", "Localhost"];
/** Without container_engine_t (1.31), which is for engines that start containers of their own. */
const SELINUX_TYPES: readonly unknown[] = ["container_t", "container_init_t", "container_kvm_t"];
const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";

/** Kernel parameters that end at the pod, by the Kubernetes version that took them in. */
const SYSCTLS = new Set<unknown>([
  // 1.0
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_syncookies",
  // 1.27
  "net.ipv4.ip_local_reserved_ports",
  // 1.29
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  // 1.32
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
  // 1.37
  "net.ipv4.tcp_notsent_lowat",
  "net.ipv4.tcp_slow_start_after_idle",
]);

/** Seccomp, AppArmor, SELinux and sysctls are what the runtime gives, or tighter. */
export const p1Pod7 = defineRule({
  id: "P1-POD-7",
  policy: "P1",
  severity: "high",
  title:
    "every container runs under a seccomp profile, and none loosens AppArmor, SELinux or sysctls",
  why: "these are what still stands between a container that breaks out and the node's kernel",
  remediation:
    "set seccompProfile.type: RuntimeDefault in the pod's securityContext, and remove appArmorProfile, seLinuxOptions and sysctls",
  source:
    "Pod Security Standards: check_seccompProfile_restricted (1.19, Windows 1.25), check_appArmorProfile, check_seLinuxOptions, check_sysctls",
  subjects: podsAndContainers,
  check(part, report) {
    seccomp(part, report);
    appArmorField(part, report);
    seLinux(part, report);
    if (part.container !== undefined) return;
    appArmorAnnotations(part.pod, report);
    sysctls(part.pod, report);
  },
});

function seccomp(part: PodPart, report: Report): void {
  if (runsOnWindows(part.pod)) return;
  if (securityValue(part, "seccompProfile") === undefined) {
    // A pod may leave it to its containers; what it sets wrongly is a finding on the pod.
    const { pod, container } = part;
    if (container === undefined) return;
    if (securityValue({ pod }, "seccompProfile") !== undefined) return;
  }
  profileType(part, "seccompProfile", report);
}

function appArmorField(part: PodPart, report: Report): void {
  if (securityValue(part, "appArmorProfile") === undefined) return;
  profileType(part, "appArmorProfile", report);
}

function profileType(part: PodPart, profile: string, report: Report): void {
  const type = securityValue(part, profile, "type");
  if (PROFILES.includes(type)) return;
  const message = `${profile} is ${shown(type)}; allowed are ${PROFILES.join(" and ")}`;
  report(securityField(part, profile, "type"), message);
}

function seLinux(part: PodPart, report: Report): void {
  const type = securityValue(part, "seLinuxOptions", "type");
  if (!isEmpty(type) && !SELINUX_TYPES.includes(type)) {
    const message = `SELinux type is ${shown(type)}; allowed are ${SELINUX_TYPES.join(", ")}`;
    report(securityField(part, "seLinuxOptions", "type"), message);
  }
  for (const name of ["user", "role"]) {
    if (isEmpty(securityValue(part, "seLinuxOptions", name))) continue;
    const field = securityField(part, "seLinuxOptions", name);
    report(field, `SELinux ${name} is set; allowed is none`);
  }
}

function appArmorAnnotations(pod: PodTemplate, report: Report): void {
  const path = ["metadata", "annotations"];
  // Only AppArmor's own are read: another annotation may well be unknown.
  for (const key of Object.keys(recordAt(pod, ...path) ?? {})) {
    if (!key.startsWith(APP_ARMOR)) continue;
    const value = valueAt(pod, ...path, key) ?? "";
    const allowed =
      typeof value === "string" &&
      (value === "" || value === "runtime/default" || value.startsWith("localhost/"));
    if (allowed) continue;
    const message = `AppArmor profile is ${shown(value)}; allowed are runtime/default and localhost/…`;
    report(fieldOf([...path, key]), message);
  }
}

function sysctls(pod: PodTemplate, report: Report): void {
  eachElement(pod, ["spec", "securityContext", "sysctls"], (sysctl, at) => {
    const name = valueAt(sysctl, "name");
    if (!SYSCTLS.has(name)) report(`${at}.name`, `sysctl ${shown(name)} reaches past the pod`);
  });
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "";
}
