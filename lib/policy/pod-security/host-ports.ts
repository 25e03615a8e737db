import type { Report } from "../evaluation/rule";
import { eachElement, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import type { PodPart } from "./pod-context";

const PORTS = ["ports"];

/** A container takes no port of the node. */
export function hostPorts({ container }: PodPart, report: Report): void {
  if (container === undefined || container["ports"] === undefined) return;
  eachElement(container, PORTS, (port, at) => {
    const value = valueAt(port, "hostPort") ?? 0;
    if (value !== 0) report(`${at}.hostPort`, `hostPort is ${shown(value)}; allowed is none`);
  });
}
