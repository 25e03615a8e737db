import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { shown } from "../reading/shown";
import type { PodRoute } from "../scraping/scrape-routes";
import { scrapeRoutes } from "../scraping/scrape-routes";
import { daemons } from "../subjects/fact-subjects";
import type { PodSubject } from "../subjects/subjects";

interface RouteSubject extends PodSubject {
  readonly route: PodRoute;
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
  inHome: (home, graph) => daemons(home).flatMap((subject) => routesOf(graph, subject)),
  check(subject, report) {
    const { from, endpoints } = subject.route;
    if (endpoints.every(({ number }) => number === undefined)) {
      const wanted = endpoints.map(({ port }) => shown(port)).join(", ") || "no port";
      report("", `${from} scrapes ${wanted}, which is no declared TCP port`);
    }
  },
});

function routesOf(graph: ResourceGraph, subject: PodSubject): RouteSubject[] {
  const none: PodRoute = { from: "", endpoints: [] };
  try {
    if (subject.failure !== undefined) return [{ ...subject, route: none }];
    const { scope, object, field, node, home, pod } = subject;
    return scrapeRoutes(graph, subject).map((route) => {
      return { scope, object, field, node, home, pod, route };
    });
  } catch (failure) {
    return failure instanceof Error ? [{ ...subject, route: none, failure }] : [];
  }
}
