import { carriesPod, isLongRunning } from "../../kubernetes/pod-template";
import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { containerDeclares } from "../scraping/pod-ports";
import { scrapeRoutes } from "../scraping/scrape-routes";
import type { ContainerSubject } from "../subjects/subjects";
import { containers } from "../subjects/subjects";

/**
 * Every container that runs for ever serves metrics that somebody scrapes. A pod without a route is
 * P4-1's finding, and a route that leads to no container P4-2's.
 */
export const p4Rule6 = defineRule<ContainerSubject>({
  id: "P4-6",
  policy: "P4",
  severity: "low",
  title: "every long-running container of a scraped pod is scraped itself",
  why: "a sidecar that nobody watches takes its pod down, and the metrics beside it look well",
  remediation:
    "declare the port that serves the container's metrics and let one PodMonitor scrape each; give a container that cannot serve any a waiver",
  source: "monitoring.coreos.com/v1 podMetricsEndpoints[]; Kubernetes sidecar containers",
  inHome: (home) => containers(home).filter(isDaemon),
  check(subject, report, graph) {
    let isScraped = false;
    for (const { endpoints } of scrapeRoutes(graph, subject)) {
      for (const { number, port } of endpoints) {
        if (number === undefined) continue;
        if (containerDeclares(subject.container, port)) return;
        isScraped = true;
      }
    }
    if (isScraped) report("", "no scrape leads to a port of this container");
  },
});

/** Regular containers and sidecars of what is meant to run for ever, and what cannot be read. */
function isDaemon({ failure, node, slot, container }: ContainerSubject): boolean {
  const { kind } = node.object;
  if (!isLongRunning(kind)) return failure !== undefined && !carriesPod(kind);
  if (failure !== undefined) return true;
  if (slot.role === "initContainers") return valueAt(container, "restartPolicy") === "Always";
  return slot.role === "containers";
}
