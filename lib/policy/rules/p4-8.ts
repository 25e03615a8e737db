import { selects } from "../../kubernetes/label-selector";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import type { Home } from "../graph/home";
import { servicesIn } from "../network/network-objects";
import { selectorAt } from "../network/selector-at";
import { once } from "../reading/once";
import type { Fields } from "../reading/read";
import { eachElement, listAt, recordAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { asPort, portNumber } from "../scraping/pod-ports";
import { scrapedPods } from "../scraping/scraped-pods";
import { undecidedBy } from "../subjects/candidates";
import type { ObjectSubject } from "../subjects/subjects";
import { elements, objectsOfKind } from "../subjects/subjects";
import { nameOf } from "../subjects/subjects";

/** One rule of an Ingress, or the Ingress for what no rule takes. */
type IngressPart = ObjectSubject & { readonly element?: Fields };

/** A path that says itself what it leads to. */
export const METRICS_PATH = /^\/metrics(\/|$)/;

/**
 * No Ingress leads to what Prometheus scrapes: neither by a path that says so, nor by one that ends
 * at the same port of a pod and takes the scraped path in.
 */
export const p4Rule8 = defineRule<IngressPart>({
  id: "P4-8",
  policy: "P4",
  severity: "medium",
  title: "no Ingress leads to the metrics of a daemon",
  why: "metrics tell everybody which tenants, versions, loads and errors there are",
  remediation: "serve /metrics on a port of its own that no Service of an Ingress leads to",
  source: "networking.k8s.io/v1 Ingress pathType; ingress-nginx rewrite-target",
  inHome: (home) =>
    objectsOfKind(home, "Ingress").flatMap((ingress): IngressPart[] =>
      ingress.failure === undefined
        ? [ingress, ...elements(ingress, ingress.node.object, "spec", "rules")]
        : [ingress],
    ),
  check(subject, report, graph) {
    const { node, element } = subject;
    if (element === undefined) {
      const backend = recordAt(node.object, "spec", "defaultBackend");
      if (backend) checkBackend({ backend }, subject, at(report, ".spec.defaultBackend"), graph);
      return;
    }
    eachElement(element, ["http", "paths"], (path, place) => {
      checkBackend(path, subject, at(report, place), graph);
    });
  },
});

function at(report: Report, place: string): Report {
  return (field, message) => report(place + field, message);
}

function checkBackend(path: Fields, ingress: IngressPart, report: Report, graph: ResourceGraph) {
  const text = valueAt(path, "path");
  if (typeof text === "string" && METRICS_PATH.test(text)) {
    report(".path", `${shown(text)} is where metrics are served`);
    return;
  }
  const { home } = ingress;
  if (home.namespace === undefined) return;
  const name = valueAt(path, "backend", "service", "name");
  for (const service of servicesIn(home)) {
    if (nameOf(service) !== name) continue;
    const takes = pathsTaken(path, ingress);
    for (const { subject, endpoint } of exposedBy(service, path, graph, home)) {
      if (takes(endpoint))
        report("", `leads to ${shown(endpoint)} of ${subject}, which is scraped`);
    }
  }
}

/** The scraped paths that a Service answers on the port of a backend, by the pods it selects. */
function exposedBy(
  service: ObjectSubject,
  path: Fields,
  graph: ResourceGraph,
  home: Home,
): { readonly subject: string; readonly endpoint: string }[] {
  try {
    if (service.failure !== undefined) throw service.failure;
    const { object } = service.node;
    const selector = selectorOf(service);
    if (selector === undefined) return [];
    const target = targetPort(object, path);
    return scrapedPods(graph, home).flatMap(({ subject, labels, endpoints }) => {
      if (!selects(selector, labels)) return [];
      const port = portNumber(subject, target);
      return endpoints
        .filter((endpoint) => endpoint.port === port)
        .map((endpoint) => ({ subject: subject.object, endpoint: endpoint.path }));
    });
  } catch (error) {
    throw undecidedBy(service, error);
  }
}

/** Undefined where somebody else writes down where the Service leads. */
const selectorOf = once(({ node }: ObjectSubject) => {
  const matchLabels = recordAt(node.object, "spec", "selector");
  return matchLabels && selectorAt({ selector: { matchLabels } }, "selector");
});

function targetPort(service: unknown, path: Fields) {
  const name = valueAt(path, "backend", "service", "port", "name");
  const number = valueAt(path, "backend", "service", "port", "number");
  const port = listAt(service, "spec", "ports").find((declared) =>
    name === undefined ? valueAt(declared, "port") === number : valueAt(declared, "name") === name,
  );
  return asPort(valueAt(port, "targetPort")) ?? asPort(valueAt(port, "port"));
}

/** Signs that begin a pattern in a path that only the controller understands. */
const PATTERN = /[*+?()[\]{}|\\^$.]/;

/** Whether a path of an Ingress takes a path of a pod in. */
function pathsTaken(path: Fields, { node }: IngressPart): (scraped: string) => boolean {
  const text = valueAt(path, "path") ?? "/";
  const annotations = recordAt(node.object, "metadata", "annotations") ?? {};
  // The pod sees another path than the caller.
  const rewritten = Object.keys(annotations).some((key) => /rewrite|strip-?prefix/i.test(key));
  if (rewritten || typeof text !== "string") return () => true;
  if (valueAt(path, "pathType") === "Exact") return (scraped) => scraped === text;
  if (valueAt(path, "pathType") === "Prefix") {
    const prefix = text.replace(/\/*$/, "/");
    return (scraped) => `${scraped}/`.startsWith(prefix);
  }
  const literal = text.slice(0, PATTERN.exec(text)?.index);
  return (scraped) => scraped.startsWith(literal);
}
