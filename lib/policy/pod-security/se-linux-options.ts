import type { Report } from "../evaluation/rule";
import { shown } from "../reading/shown";
import { securityField, securityValue } from "./pod-context";
import type { PodPart } from "./pod-context";

/** SELinux types that confine a container, by the version that took them in. */
export const SELINUX_TYPES: ReadonlyMap<unknown, number> = new Map([
  ["container_t", 0],
  ["container_init_t", 0],
  ["container_kvm_t", 0],
  // For engines that start containers of their own.
  ["container_engine_t", 31],
]);

/** The version that took a SELinux type in; undefined for what no version allows. */
export function seLinuxTypeSince(type: unknown): number | undefined {
  return isEmpty(type) ? 0 : SELINUX_TYPES.get(type);
}

/** SELinux confines a pod and its containers. */
export function seLinuxOptions(part: PodPart, report: Report, minor: number): void {
  if (securityValue(part, "seLinuxOptions") === undefined) return;
  const type = securityValue(part, "seLinuxOptions", "type");
  if ((seLinuxTypeSince(type) ?? Infinity) > minor) {
    const allowed = [...SELINUX_TYPES].filter(([, since]) => since <= minor).map(([name]) => name);
    const message = `SELinux type is ${shown(type)}; allowed are ${allowed.join(", ")}`;
    report(securityField(part, "seLinuxOptions", "type"), message);
  }
  for (const name of ["user", "role"]) {
    if (isEmpty(securityValue(part, "seLinuxOptions", name))) continue;
    const field = securityField(part, "seLinuxOptions", name);
    report(field, `SELinux ${name} is set; allowed is none`);
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "";
}
