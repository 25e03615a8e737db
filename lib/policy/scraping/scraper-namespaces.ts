import type { Labels } from "../../kubernetes/label-selector";
import { ROLE_LABEL } from "../../kubernetes/labels";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { clusterNamespaces } from "../tenants/namespace-index";

/** A namespace that Prometheus scrapes from. */
export interface ScraperNamespace {
  readonly name: string;
  /** As a namespaceSelector sees it. */
  readonly labels: Labels;
}

/** Where the common installations of Prometheus put it. */
const MONITORING = ["monitoring", "prometheus", "observability"];

/** The namespaces that Prometheus may run in: the platform's, and those that are called after it. */
export function scraperNamespaces(
  graph: ResourceGraph,
  cluster: string,
): readonly ScraperNamespace[] {
  const clusters = byCluster(graph);
  let namespaces = clusters.get(cluster);
  if (!namespaces) clusters.set(cluster, (namespaces = namespacesOf(graph, cluster)));
  return namespaces;
}

const byCluster = perGraph(() => new Map<string, readonly ScraperNamespace[]>());

function namespacesOf(graph: ResourceGraph, cluster: string): readonly ScraperNamespace[] {
  const platform = [...clusterNamespaces(graph, cluster).platformNames];
  return [
    ...platform.map((name) => ({ name, labels: labelsOf(name, { [ROLE_LABEL]: "platform" }) })),
    ...MONITORING.map((name) => ({ name, labels: labelsOf(name) })),
  ];
}

function labelsOf(name: string, labels: Labels = {}): Labels {
  return { "kubernetes.io/metadata.name": name, ...labels };
}
