import type { Report } from "../evaluation/rule";
import { shown } from "../reading/shown";
import { securityField, securityValue } from "./pod-context";
import type { PodPart } from "./pod-context";

/** Reports a field of a security context that is set to anything but the one value allowed. */
export function allowOnly(
  allowed: string | boolean,
  part: PodPart,
  path: readonly [string, ...string[]],
  report: Report,
): void {
  const value = securityValue(part, ...path) ?? allowed;
  if (value === allowed) return;
  const message = `${path.at(-1)} is ${shown(value)}; allowed is ${shown(allowed)}`;
  report(securityField(part, ...path), message);
}
