import type { PodPart } from "../pod-context";
import { eachElement, valueAt } from "../read";
import type { Report } from "../rule";
import { shown } from "../shown";

const PORTS = ["ports"];

/** A container takes no port of the node. */
export function hostPorts({ container }: PodPart, report: Report): void {
  if (container === undefined || container["ports"] === undefined) return;
  eachElement(container, PORTS, (port, at) => {
    const value = valueAt(port, "hostPort") ?? 0;
    if (value !== 0) report(`${at}.hostPort`, `hostPort is ${shown(value)}; allowed is none`);
  });
}
