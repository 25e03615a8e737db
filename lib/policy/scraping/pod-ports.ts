import { CONTAINER_ROLES } from "../../kubernetes/pod-template";
import { listAt, valueAt } from "../reading/read";
import type { PodSubject } from "../subjects/subjects";

/** A port of a pod by number or by name, as a scrape, a Service or a probe asks for it. */
export type PortReference = number | string | undefined;

/** A reference to a port where a value is one; undefined if it is none. */
export function asPort(value: unknown): PortReference {
  return typeof value === "number" || typeof value === "string" ? value : undefined;
}

/** The TCP port that a pod declares under a number or a name; undefined if it declares none. */
export function declaredPort({ pod }: PodSubject, port: PortReference): number | undefined {
  if (port === undefined) return undefined;
  for (const role of CONTAINER_ROLES) {
    for (const container of listAt(pod.spec, role)) {
      const number = valueAt(findPort(container, port), "containerPort");
      if (typeof number === "number") return number;
    }
  }
  return undefined;
}

/** Whether a container declares a TCP port of this number or name. */
export function containerDeclares(container: unknown, port: PortReference): boolean {
  return findPort(container, port) !== undefined;
}

/** The number of a port: itself, or what some container of the pod names so. */
export function portNumber(subject: PodSubject, port: PortReference): number | undefined {
  return typeof port === "number" ? port : declaredPort(subject, port);
}

function findPort(container: unknown, port: PortReference): unknown {
  if (port === undefined) return undefined;
  const key = typeof port === "number" ? "containerPort" : "name";
  for (const declared of listAt(container, "ports")) {
    if (valueAt(declared, key) !== port) continue;
    if ((valueAt(declared, "protocol") ?? "TCP") === "TCP") return declared;
  }
  return undefined;
}
