import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import { valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import {
  monitorRoutes,
  readPort,
  SCRAPE,
  SCRAPE_PATH,
  SCRAPE_PORT,
} from "../scraping/scrape-routes";
import { daemons } from "../subjects/fact-subjects";
import type { PodSubject } from "../subjects/subjects";

/** Prometheus scrapes every daemon, by one route. */
export const p4Rule1 = defineRule<PodSubject>({
  id: "P4-1",
  policy: "P4",
  severity: "medium",
  title: "every daemon's pod is scraped by exactly one route",
  why: "a daemon without metrics fails unseen; one scraped twice counts everything twice",
  remediation: `annotate the pod with ${SCRAPE}: "true", ${SCRAPE_PORT} and ${SCRAPE_PATH} as strings, or select it with one ServiceMonitor or PodMonitor`,
  source:
    "prometheus.io annotations; monitoring.coreos.com/v1; kube-linter dangling-servicemonitor",
  inHome: daemons,
  check(subject, report, graph) {
    const scrape = annotation(subject, SCRAPE);
    const monitors = monitorRoutes(graph, subject).map(({ from }) => from);
    if (scrape === "true") {
      checkAnnotations(subject, report);
    } else if (scrape !== undefined && scrape !== "false") {
      report(fieldOfAnnotation(SCRAPE), `is ${shown(scrape)}; allowed is the string "true"`);
    } else if (monitors.length === 0) {
      report("", "no annotation and no monitor has its metrics scraped");
    }
    const routes = [...(scrape === "true" ? ["annotations"] : []), ...monitors];
    if (routes.length > 1) {
      report("", `is scraped ${routes.length} times, by ${routes.join(" and ")}`);
    }
  },
});

function checkAnnotations(subject: PodSubject, report: Report): void {
  const port = annotation(subject, SCRAPE_PORT);
  if (readPort(port) === undefined) {
    const message = `is ${shown(port)}; allowed is a port as a string`;
    report(fieldOfAnnotation(SCRAPE_PORT), message);
  }
  const path = annotation(subject, SCRAPE_PATH);
  if (typeof path !== "string" || !path.startsWith("/")) {
    const message = `is ${shown(path)}; allowed is a path such as /metrics`;
    report(fieldOfAnnotation(SCRAPE_PATH), message);
  }
}

function annotation({ pod }: PodSubject, key: string): unknown {
  return valueAt(pod.metadata, "annotations", key);
}

function fieldOfAnnotation(key: string): string {
  return `.metadata.annotations["${key}"]`;
}
