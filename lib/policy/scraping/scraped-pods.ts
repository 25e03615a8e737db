import type { Labels } from "../../kubernetes/label-selector";
import type { ResourceGraph } from "../graph/graph";
import type { Home } from "../graph/home";
import { labelsOf } from "../network/network-objects";
import { daemons } from "../subjects/fact-subjects";
import type { PodSubject } from "../subjects/subjects";
import { scrapeRoutes } from "./scrape-routes";

/** A daemon with what Prometheus asks it for. */
export interface ScrapedPod {
  readonly subject: PodSubject;
  readonly labels: Labels;
  readonly endpoints: readonly { readonly port: number; readonly path: string }[];
}

/** The scraped daemons of one namespace. One that cannot be read is P4-1's finding. */
export function scrapedPods(graph: ResourceGraph, home: Home): readonly ScrapedPod[] {
  return daemons(home).flatMap((subject) => readPod(graph, subject) ?? []);
}

function readPod(graph: ResourceGraph, subject: PodSubject): ScrapedPod | undefined {
  try {
    if (subject.failure !== undefined) return undefined;
    const endpoints: { readonly port: number; readonly path: string }[] = [];
    for (const route of scrapeRoutes(graph, subject)) {
      for (const { port, number = port, path } of route.endpoints) {
        if (typeof number === "number") endpoints.push({ port: number, path });
      }
    }
    return { subject, labels: labelsOf(subject), endpoints };
  } catch {
    return undefined;
  }
}
