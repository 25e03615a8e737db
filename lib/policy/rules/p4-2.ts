import { daemons } from "../fact-subjects";
import type { ResourceGraph } from "../graph";
import { valueAt } from "../read";
import { defineRule } from "../rule";
import type { ScrapeRoute } from "../scrape-routes";
import { declaresPort, monitorRoutes, readPort, SCRAPE, SCRAPE_PORT } from "../scrape-routes";
import { shown } from "../shown";
import type { PodSubject } from "../subjects";

interface RouteSubject extends PodSubject {
  readonly route: ScrapeRoute;
}

/** What is scraped is a port that the pod declares. A daemon without a route is P4-1's finding. */
export const p4Rule2 = defineRule<RouteSubject>({
  id: "P4-2",
  policy: "P4",
  severity: "medium",
  title: "every scraped port is a TCP port that the pod declares",
  why: "a scrape of a port that nobody listens on fails in silence, and so do the alerts built on it",
  remediation: "name the port that serves /metrics in a container's ports, protocol TCP",
  source: "kube-linter invalid-target-ports; monitoring.coreos.com/v1 endpoints[].port",
  subjects: (graph) => daemons(graph).flatMap((subject) => routesOf(graph, subject)),
  check(subject, report) {
    const { from, ports } = subject.route;
    if (!ports.some((port) => declaresPort(subject, port))) {
      const wanted = ports.map(shown).join(", ") || "no port";
      report("", `${from} scrapes ${wanted}, which is no declared TCP port`);
    }
  },
});

function routesOf(graph: ResourceGraph, subject: PodSubject): RouteSubject[] {
  const none: ScrapeRoute = { from: "", ports: [] };
  try {
    if (subject.failure !== undefined) return [{ ...subject, route: none }];
    const routes = [...annotationRoutes(subject), ...monitorRoutes(graph, subject)];
    return routes.map((route) => ({ ...subject, route }));
  } catch (failure) {
    return failure instanceof Error ? [{ ...subject, route: none, failure }] : [];
  }
}

function annotationRoutes({ pod }: PodSubject): ScrapeRoute[] {
  const annotation = (key: string) => valueAt(pod.metadata, "annotations", key);
  if (annotation(SCRAPE) !== "true") return [];
  const port = readPort(annotation(SCRAPE_PORT));
  // A text that is no port is P4-1's finding.
  return port === undefined ? [] : [{ from: "annotations", ports: [port] }];
}
