import type { Report } from "../evaluation/rule";
import { eachElement, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import type { PodPart } from "./pod-context";
import { securityValue } from "./pod-context";

const FIELD = ["spec", "securityContext", "sysctls"];

/** Kernel parameters that end at the pod, by the version that took them in. */
export const SYSCTLS: ReadonlyMap<unknown, number> = new Map([
  ["kernel.shm_rmid_forced", 0],
  ["net.ipv4.ip_local_port_range", 0],
  ["net.ipv4.ip_unprivileged_port_start", 0],
  ["net.ipv4.ping_group_range", 0],
  ["net.ipv4.tcp_syncookies", 0],
  ["net.ipv4.ip_local_reserved_ports", 27],
  ["net.ipv4.tcp_fin_timeout", 29],
  ["net.ipv4.tcp_keepalive_intvl", 29],
  ["net.ipv4.tcp_keepalive_probes", 29],
  ["net.ipv4.tcp_keepalive_time", 29],
  ["net.ipv4.tcp_rmem", 32],
  ["net.ipv4.tcp_wmem", 32],
  ["net.ipv4.tcp_notsent_lowat", 37],
  ["net.ipv4.tcp_slow_start_after_idle", 37],
]);

/** A pod sets no kernel parameter that reaches past it. */
export function sysctls(part: PodPart, report: Report, minor: number): void {
  eachSysctl(part, (name, since, field) => {
    if (since <= minor) return;
    report(field, `sysctl ${shown(name)} reaches past the pod`);
  });
}

/**
 * Visits the kernel parameters of a pod.
 *
 * @param visit takes a name, n of the version v1.n that took it in, which is infinite for what no
 *   version allows, and the field of the name.
 */
export function eachSysctl(
  part: PodPart,
  visit: (name: unknown, since: number, field: string) => void,
): void {
  if (part.container !== undefined || securityValue(part, "sysctls") === undefined) return;
  eachElement(part.pod, FIELD, (sysctl, at) => {
    const name = valueAt(sysctl, "name");
    visit(name, SYSCTLS.get(name) ?? Infinity, `${at}.name`);
  });
}
