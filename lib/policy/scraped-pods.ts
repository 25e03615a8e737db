import type { Labels } from "../kubernetes/label-selector";
import { daemons } from "./fact-subjects";
import type { ResourceGraph } from "./graph";
import { groupBy } from "./group-by";
import { perGraph } from "./per-graph";
import { recordAt } from "./read";
import { scrapeRoutes } from "./scrape-routes";
import type { PodSubject } from "./subjects";
import { namespaceOf } from "./tenant-namespaces";

/** A daemon with what Prometheus asks it for. */
export interface ScrapedPod {
  readonly subject: PodSubject;
  readonly labels: Labels;
  readonly endpoints: readonly { readonly port: number; readonly path: string }[];
}

/** The scraped daemons of one namespace. One that cannot be read is P4-1's finding. */
export function scrapedPods(
  graph: ResourceGraph,
  cluster: string,
  namespace: string,
): readonly ScrapedPod[] {
  return byHome(graph).get(cluster)?.get(namespace) ?? [];
}

/** By cluster and namespace. */
const byHome = perGraph((graph) => {
  const clusters = groupBy(daemons(graph), ({ scope }) => scope.cluster);
  return new Map(
    [...clusters].map(([cluster, own]) => {
      const pods = own.flatMap((subject) => readPod(graph, subject) ?? []);
      return [cluster, groupBy(pods, ({ subject }) => namespaceOf(subject))];
    }),
  );
});

function readPod(graph: ResourceGraph, subject: PodSubject): ScrapedPod | undefined {
  try {
    if (subject.failure !== undefined) return undefined;
    const endpoints = scrapeRoutes(graph, subject)
      .flatMap((route) => route.endpoints)
      .flatMap(({ port, number = port, path }) => {
        return typeof number === "number" ? [{ port: number, path }] : [];
      });
    return {
      subject,
      labels: (recordAt(subject.pod.metadata, "labels") ?? {}) as Labels,
      endpoints,
    };
  } catch {
    return undefined;
  }
}
