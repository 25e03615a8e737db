import type { Report } from "../evaluation/rule";
import { fieldOf, textsAt } from "../reading/read";
import { shown } from "../reading/shown";
import { runsOnWindows } from "./pod-context";
import type { PodPart } from "./pod-context";

const ADD = ["securityContext", "capabilities", "add"];
const DROP = ["securityContext", "capabilities", "drop"];

/** What a runtime gives a container that asks for nothing. */
const DEFAULT: ReadonlySet<string> = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);
/** The one that a container may add after it dropped all. */
export const ADDABLE = "NET_BIND_SERVICE";
const RESTRICTED: ReadonlySet<string> = new Set([ADDABLE]);

/** Baseline: a container adds no capability beyond those that it has anyway. */
export function defaultCapabilities({ container }: PodPart, report: Report): void {
  if (container !== undefined) added(container, DEFAULT, report);
}

/** Restricted: a container drops all capabilities and adds none but NET_BIND_SERVICE. */
export function droppedCapabilities({ pod, container }: PodPart, report: Report): void {
  if (container === undefined || runsOnWindows(pod)) return;
  // Capabilities are written without CAP_ and in capitals: "all" drops nothing.
  if (!textsAt(container, ...DROP).includes("ALL")) report(fieldOf(DROP), "does not drop ALL");
  added(container, RESTRICTED, report);
}

function added(container: unknown, allowed: ReadonlySet<string>, report: Report): void {
  const capabilities = textsAt(container, ...ADD);
  for (let index = 0; index < capabilities.length; index += 1) {
    const capability = capabilities[index]!;
    if (allowed.has(capability)) continue;
    const message = `adds ${shown(capability)}; allowed is ${[...allowed].join(", ")}`;
    report(fieldOf([...ADD, index]), message);
  }
}
