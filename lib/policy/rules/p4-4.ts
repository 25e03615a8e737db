import { selects } from "../../kubernetes/label-selector";
import type { Labels } from "../../kubernetes/label-selector";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { labelsOf } from "../network/network-objects";
import { portNumber } from "../scraping/pod-ports";
import { scrapePolicy } from "../scraping/scrape-policy";
import type { ScrapePolicy } from "../scraping/scrape-policy";
import { scrapeRoutes } from "../scraping/scrape-routes";
import { someOf } from "../subjects/candidates";
import { daemons } from "../subjects/fact-subjects";
import type { ObjectSubject, PodSubject } from "../subjects/subjects";

/**
 * The network lets Prometheus reach every port that it scrapes. A pod that no NetworkPolicy shuts
 * off can be reached in any case; that a tenant's are shut off is P1-NET-1's.
 */
export const p4Rule4 = defineRule<PodSubject>({
  id: "P4-4",
  policy: "P4",
  severity: "medium",
  title: "a NetworkPolicy admits the scrape of every daemon that others shut off",
  why: "behind a default-deny of its own a daemon answers nobody, and its alerts are silent",
  remediation:
    "allow ingress from the platform's namespace, by kubernetes.io/metadata.name, on the TCP port that is scraped",
  source: "uds-core allow-ingress-sidecar-monitoring; networking.k8s.io/v1 NetworkPolicy",
  inHome: daemons,
  check(subject, report, graph) {
    const { home } = subject;
    const policies = home.ofKind("NetworkPolicy");
    if (home.namespace === undefined || policies.length === 0) return;
    const labels = labelsOf(subject);
    const shutsOff = (policy: ObjectSubject) => selectsPod(scrapePolicy(graph, policy), labels);
    for (const port of scrapedPorts(graph, subject)) {
      const admits = (policy: ObjectSubject) =>
        shutsOff(policy) && opens(scrapePolicy(graph, policy), subject, port);
      if (someOf(policies, admits) || !someOf(policies, shutsOff)) continue;
      report("", `no NetworkPolicy admits a scrape of port ${port} from the platform's namespace`);
    }
  },
});

/** By number. A port that the pod does not declare is P4-2's finding. */
function scrapedPorts(graph: ResourceGraph, subject: PodSubject): ReadonlySet<number> {
  const ports = new Set<number>();
  for (const { endpoints } of scrapeRoutes(graph, subject)) {
    for (const { number } of endpoints) if (number !== undefined) ports.add(number);
  }
  return ports;
}

/** A policy that says something on a pod's ingress denies all that none admits. */
function selectsPod({ isOfIngress, selector }: ScrapePolicy, labels: Labels): boolean {
  return isOfIngress && selects(selector, labels);
}

function opens({ toScrapers }: ScrapePolicy, subject: PodSubject, port: number): boolean {
  return toScrapers.some((open) => {
    if ((open.protocol ?? "TCP") !== "TCP") return false;
    if ("name" in open) return portNumber(subject, open.name) === port;
    return open.first <= port && port <= open.last;
  });
}
