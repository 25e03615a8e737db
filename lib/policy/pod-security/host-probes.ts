import type { Report } from "../evaluation/rule";
import { fieldOf, valueAt } from "../reading/read";
import { isRecord } from "../reading/shape";
import { shown } from "../reading/shown";
import type { PodPart } from "./pod-context";

const SINCE = 34;

/** Where a container says whom the kubelet calls, from the node's network. */
export const CALLERS: readonly (readonly string[])[] = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
];
const ACTIONS = ["httpGet", "tcpSocket"];

/** The kubelet calls a container for its probes and hooks, and no other host. */
export function hostProbes({ container }: PodPart, report: Report, minor: number): void {
  if (container === undefined || minor < SINCE) return;
  for (const caller of CALLERS) {
    const handler = valueAt(container, ...caller);
    if (handler === undefined) continue;
    for (const action of ACTIONS) {
      // A handler has one action: the way is gone again only for that.
      if (isRecord(handler) && handler[action] === undefined) continue;
      const value = valueAt(container, ...caller, action, "host") ?? "";
      if (value === "") continue;
      const field = fieldOf([...caller, action, "host"]);
      report(field, `host is ${shown(value)}; allowed is the pod itself`);
    }
  }
}
