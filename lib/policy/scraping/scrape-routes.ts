import { parseLabelSelector, selects } from "../../kubernetes/label-selector";
import type { Labels } from "../../kubernetes/label-selector";
import type { PodTemplate } from "../../kubernetes/pod-template";
import { groupBy } from "../../support/group-by";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { servicesIn } from "../network/network-objects";
import { listAt, recordAt, textsAt, valueAt } from "../reading/read";
import type { ObjectSubject, PodSubject } from "../subjects/subjects";
import { maybeOfGroup } from "../subjects/candidates";
import { listed, objectsOfKind } from "../subjects/subjects";
import { asPort, declaredPort } from "./pod-ports";
import type { PortReference } from "./pod-ports";

/** One way by which Prometheus comes to scrape a pod. */
export interface ScrapeRoute {
  /** Where it is written: the annotations, or the monitor's id. */
  readonly from: string;
  readonly endpoints: readonly ScrapeEndpoint[];
}

/** What a scrape asks a pod for. */
export interface ScrapeEndpoint {
  /** A port's number, or a name that some port has to bear; undefined if it leads to none. */
  readonly port: PortReference;
  readonly path: string;
}

/** A route with what its endpoints come to on one pod. */
export interface PodRoute extends ScrapeRoute {
  readonly endpoints: readonly PodEndpoint[];
}

export interface PodEndpoint extends ScrapeEndpoint {
  /** The TCP port that the pod declares for it; undefined if it declares none. */
  readonly number: number | undefined;
}

/** The annotations that the common Prometheus configuration looks for. */
export const SCRAPE = "prometheus.io/scrape";
export const SCRAPE_PORT = "prometheus.io/port";
export const SCRAPE_PATH = "prometheus.io/path";

export const PORT = /^[1-9][0-9]{0,4}$/;

/** The port that an annotation's text names; undefined if it names none. */
export function readPort(text: unknown): number | undefined {
  return typeof text === "string" && PORT.test(text) && Number(text) <= 65_535
    ? Number(text)
    : undefined;
}

/**
 * Every route to a pod, its own annotations first, with the ports that it leads to. A text that is no
 * port is P4-1's finding.
 *
 * @throws MalformedError for ports of the pod that cannot be read.
 */
export function scrapeRoutes(graph: ResourceGraph, subject: PodSubject): readonly PodRoute[] {
  const { routes } = monitors(graph);
  let found = routes.get(subject.pod);
  if (!found) routes.set(subject.pod, (found = routesTo(graph, subject)));
  return found;
}

function routesTo(graph: ResourceGraph, subject: PodSubject): readonly PodRoute[] {
  const found = annotationRoute(subject);
  const routes = found === undefined ? [] : [found];
  return [...routes, ...monitorRoutes(graph, subject)].map(({ from, endpoints }) => {
    return { from, endpoints: endpoints.map((endpoint) => onPod(endpoint, subject)) };
  });
}

function onPod({ port, path }: ScrapeEndpoint, subject: PodSubject): PodEndpoint {
  return { port, path, number: declaredPort(subject, port) };
}

function annotationRoute({ pod }: PodSubject): ScrapeRoute | undefined {
  const annotations = recordAt(pod.metadata, "annotations");
  if (annotations?.[SCRAPE] !== "true") return undefined;
  const port = readPort(annotations[SCRAPE_PORT]);
  if (port === undefined) return undefined;
  return { from: "annotations", endpoints: [{ port, path: pathOf(annotations[SCRAPE_PATH]) }] };
}

/** Every ServiceMonitor and PodMonitor that selects a pod. One that cannot be read selects nothing. */
export function monitorRoutes(graph: ResourceGraph, subject: PodSubject): readonly ScrapeRoute[] {
  const { cluster } = subject.scope;
  if (!monitors(graph).byCluster.has(cluster)) return NO_ROUTES;
  const namespace = valueAt(subject.node.object, "metadata", "namespace");
  const labels = (recordAt(subject.pod.metadata, "labels") ?? {}) as Labels;
  return monitorsOf(graph, cluster, namespace).flatMap(
    ({ monitor }) => monitor.routeTo(labels, namespace) ?? [],
  );
}

const NO_ROUTES: readonly ScrapeRoute[] = [];

interface Monitor {
  readonly cluster: string;
  /** Namespaces whose pods it may select, or {@link EVERY} one. */
  readonly namespaces: readonly unknown[];
  /** The route to a pod with some labels, or undefined if the monitor does not select it. */
  readonly routeTo: (labels: Labels, namespace: unknown) => ScrapeRoute | undefined;
}

const EVERY = Symbol("every namespace");

/** The monitors that look at the pods of a namespace, in the graph's order. */
function monitorsOf(graph: ResourceGraph, cluster: string, namespace: unknown) {
  const namespaces = monitors(graph).byCluster.get(cluster);
  if (namespaces === undefined) return [];
  const found = [...(namespaces.get(namespace) ?? []), ...(namespaces.get(EVERY) ?? [])];
  return found.sort((a, b) => a.position - b.position);
}

/** By cluster and namespace. */
const monitors = perGraph((graph) => {
  const all = [
    ...readable(monitorsOfKind(graph, "PodMonitor"), podMonitor),
    ...readable(monitorsOfKind(graph, "ServiceMonitor"), (one) => serviceMonitor(graph, one)),
  ];
  const places = all.flatMap((monitor, position) =>
    [...new Set(monitor.namespaces)].map((namespace) => ({ monitor, position, namespace })),
  );
  return {
    byCluster: groupInClusters(places, ({ monitor }) => monitor.cluster),
    /** The routes to pods that were asked for: several rules ask for the same. */
    routes: new WeakMap<PodTemplate, readonly PodRoute[]>(),
  };
});

function monitorsOfKind(graph: ResourceGraph, kind: string): readonly ObjectSubject[] {
  return objectsOfKind(graph, kind).filter((monitor) =>
    MONITOR_GROUPS.some((group) => maybeOfGroup(monitor, group)),
  );
}

/** The Prometheus operator's, and Azure's, whose managed Prometheus has the same kinds. */
const MONITOR_GROUPS = ["monitoring.coreos.com", "azmonitoring.coreos.com"];

function podMonitor(subject: ObjectSubject): Monitor {
  const { object } = subject.node;
  const selector = parseLabelSelector(valueAt(object, "spec", "selector"));
  const endpoints = listAt(object, "spec", "podMetricsEndpoints").map((endpoint) => {
    return { port: portOf(endpoint), path: pathOf(valueAt(endpoint, "path")) };
  });
  return {
    ...reachOf(subject),
    routeTo: (labels) =>
      selects(selector, labels) ? { from: subject.object, endpoints } : undefined,
  };
}

function serviceMonitor(graph: ResourceGraph, subject: ObjectSubject): Monitor {
  const { object } = subject.node;
  const selector = parseLabelSelector(valueAt(object, "spec", "selector"));
  const endpoints = listAt(object, "spec", "endpoints");
  const reach = reachOf(subject);
  const reachable = services(graph).get(reach.cluster) ?? new Map<unknown, Service[]>();
  const namespaces = reach.namespaces.includes(EVERY) ? [...reachable.keys()] : reach.namespaces;
  const selected = new Map(
    namespaces.map((namespace) => [
      namespace,
      (reachable.get(namespace) ?? []).filter(({ labels }) => selects(selector, labels)),
    ]),
  );
  return {
    ...reach,
    routeTo(labels, namespace) {
      const service = selected.get(namespace)?.find((one) => selects(one.selector, labels));
      if (service === undefined) return undefined;
      const scraped = endpoints.map((endpoint) => {
        return { port: service.targetOf(endpoint), path: pathOf(valueAt(endpoint, "path")) };
      });
      return { from: subject.object, endpoints: scraped };
    },
  };
}

function reachOf({ scope, node }: ObjectSubject): Pick<Monitor, "cluster" | "namespaces"> {
  const { cluster } = scope;
  const chosen = recordAt(node.object, "spec", "namespaceSelector");
  if (valueAt(chosen, "any") === true) return { cluster, namespaces: [EVERY] };
  const names = textsAt(chosen, "matchNames");
  const own = valueAt(node.object, "metadata", "namespace");
  return { cluster, namespaces: names.length > 0 ? names : [own] };
}

interface Service {
  readonly cluster: string;
  readonly namespace: unknown;
  readonly labels: Labels;
  readonly selector: ReturnType<typeof parseLabelSelector>;
  /** The port of the pod that an endpoint of a ServiceMonitor leads to. */
  readonly targetOf: (endpoint: unknown) => PortReference;
}

const servicesOf = listed(servicesIn);

/** By cluster and namespace. */
const services = perGraph((graph) =>
  groupInClusters(readable(servicesOf(graph), readService), ({ cluster }) => cluster),
);

function groupInClusters<T extends { readonly namespace: unknown }>(
  things: readonly T[],
  clusterOf: (thing: T) => string,
): ReadonlyMap<string, ReadonlyMap<unknown, readonly T[]>> {
  const clusters = groupBy(things, clusterOf);
  return new Map(
    [...clusters].map(([cluster, own]) => [cluster, groupBy(own, ({ namespace }) => namespace)]),
  );
}

function readService({ scope, node: { object } }: ObjectSubject): Service {
  const ports = listAt(object, "spec", "ports");
  const matchLabels = recordAt(object, "spec", "selector");
  if (matchLabels === undefined) throw new RangeError("a Service without selector has no pods");
  return {
    cluster: scope.cluster,
    namespace: valueAt(object, "metadata", "namespace"),
    labels: (recordAt(object, "metadata", "labels") ?? {}) as Labels,
    selector: parseLabelSelector({ matchLabels }),
    targetOf(endpoint) {
      const direct = asPort(valueAt(endpoint, "targetPort"));
      if (direct !== undefined) return direct;
      const wanted = valueAt(endpoint, "port");
      const port = ports.find((one) => wanted !== undefined && valueAt(one, "name") === wanted);
      return asPort(valueAt(port, "targetPort")) ?? asPort(valueAt(port, "port"));
    },
  };
}

function portOf(endpoint: unknown): PortReference {
  const fields = ["port", "portNumber", "targetPort"];
  return fields.map((field) => asPort(valueAt(endpoint, field))).find((port) => port !== undefined);
}

function pathOf(path: unknown): string {
  return typeof path === "string" ? path : "/metrics";
}

/** What can be read; the rest has to answer for itself elsewhere and is no route to anything. */
function readable<T>(subjects: Iterable<ObjectSubject>, read: (subject: ObjectSubject) => T): T[] {
  return [...subjects].flatMap((subject) => {
    try {
      return subject.failure === undefined ? [read(subject)] : [];
    } catch {
      return [];
    }
  });
}
