import type { Fields } from "../reading/read";
import type { ObjectSubject } from "../subjects/subjects";
import { elements } from "../subjects/subjects";

/** The kinds that tell Prometheus what to scrape, and where each lists its endpoints. */
export const MONITORS = new Map([
  ["ServiceMonitor", "endpoints"],
  ["PodMonitor", "podMetricsEndpoints"],
]);

/** A monitor as a whole, or one of its endpoints. */
export type MonitorPart = ObjectSubject & { readonly endpoint?: Fields };

/** A monitor, and each of its endpoints as a subject of its own. */
export function monitorParts(monitor: ObjectSubject): MonitorPart[] {
  if (monitor.failure !== undefined) return [monitor];
  const { object } = monitor.node;
  const endpoints = elements(monitor, object, "spec", MONITORS.get(object.kind) ?? "endpoints");
  return [monitor, ...endpoints.map((part) => ({ ...part, endpoint: part.element }))];
}
