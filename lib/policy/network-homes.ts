import type { Labels, LabelSelector } from "../kubernetes/label-selector";
import { isOfGroup } from "./candidates";
import type { ResourceGraph } from "./graph";
import { perGraph } from "./per-graph";
import type { Fields } from "./read";
import { recordAt } from "./read";
import type { Subject } from "./rule";
import { selectorAt } from "./selector-at";
import { objectsOfKind, pods } from "./subjects";
import type { ObjectSubject, PodSubject } from "./subjects";
import { namespaceOf, namespaceOwner } from "./tenant-namespaces";

/** A namespace of one cluster, as the selectors in it see it. */
export interface NetworkHome {
  readonly cluster: string;
  /** Undefined for the home of what names no namespace. */
  readonly namespace: string | undefined;
  /** The tenant that owns it; undefined if the graph has no such Namespace of a tenant. */
  readonly owner: string | undefined;
  /** Every pod in it, whoever brought it and whatever carries it. */
  readonly pods: readonly HomePod[];
  /** Every NetworkPolicy in it. Another group's kind of that name is none. */
  readonly policies: readonly HomePolicy[];
  readonly services: readonly HomeService[];
}

/** What can be read of a field, or why it cannot. */
type Known<T> = T | Error;

export interface HomePod extends PodSubject {
  readonly home: NetworkHome;
  readonly labels: Known<Labels>;
}

export interface HomePolicy extends ObjectSubject {
  readonly home: NetworkHome;
  /** Which pods it is for; one that is left out reads as an empty one. */
  readonly podSelector: Known<LabelSelector>;
}

export interface HomeService extends ObjectSubject {
  readonly home: NetworkHome;
  /** The labels of the pods that it leads to; none where somebody else writes that down. */
  readonly selector: Known<Fields>;
}

/** The value, if it could be read. @throws what reading it threw. */
export function known<T>(value: Known<T>): T {
  if (value instanceof Error) throw value;
  return value;
}

/** Every namespace in which there is a pod, a NetworkPolicy or a Service. */
export const networkHomes = perGraph((graph): readonly NetworkHome[] => {
  const homes = new Homes(graph);
  for (const subject of pods(graph)) {
    const home = homes.of(subject);
    const labels = attempt(labelsOf, subject);
    // Field by field: to spread a subject costs more than all the rest.
    const { scope, object, field, node, pod, failure } = subject;
    home.pods.push(failing({ scope, object, field, node, pod, home, labels }, failure));
  }
  for (const subject of objectsOfKind(graph, "NetworkPolicy")) {
    if (attempt(isNetworkPolicy, subject) === false) continue;
    const home = homes.of(subject);
    const podSelector = attempt(podSelectorOf, subject);
    const { scope, object, field, node, failure } = subject;
    home.policies.push(failing({ scope, object, field, node, home, podSelector }, failure));
  }
  for (const subject of objectsOfKind(graph, "Service")) {
    if (attempt(isService, subject) === false) continue;
    const home = homes.of(subject);
    const selector = attempt(selectorOf, subject);
    const { scope, object, field, node, failure } = subject;
    home.services.push(failing({ scope, object, field, node, home, selector }, failure));
  }
  return homes.all;
});

function failing<S extends Subject>(subject: S, failure: Error | undefined): S {
  return failure === undefined ? subject : { ...subject, failure };
}

interface GrowingHome extends NetworkHome {
  readonly pods: HomePod[];
  readonly policies: HomePolicy[];
  readonly services: HomeService[];
}

/** Homes by cluster and namespace, in the order in which they come up. */
class Homes {
  readonly all: GrowingHome[] = [];
  readonly #clusters = new Map<string, Map<string | undefined, GrowingHome>>();

  constructor(private readonly graph: ResourceGraph) {}

  of(subject: ObjectSubject): GrowingHome {
    const { cluster } = subject.scope;
    const namespace = namespaceOf(subject);
    let homes = this.#clusters.get(cluster);
    if (!homes) this.#clusters.set(cluster, (homes = new Map<string | undefined, GrowingHome>()));
    let home = homes.get(namespace);
    if (!home) {
      const owner = namespaceOwner(this.graph, cluster, namespace ?? "");
      home = { cluster, namespace, owner, pods: [], policies: [], services: [] };
      homes.set(namespace, home);
      this.all.push(home);
    }
    return home;
  }
}

function labelsOf({ pod }: PodSubject): Labels {
  return (recordAt(pod, "metadata", "labels") ?? {}) as Labels;
}

function isNetworkPolicy(subject: ObjectSubject): boolean {
  return isOfGroup(subject, "networking.k8s.io");
}

function podSelectorOf({ node }: ObjectSubject): LabelSelector {
  return selectorAt(node.object, "spec", "podSelector");
}

function isService(subject: ObjectSubject): boolean {
  return isOfGroup(subject, "");
}

function selectorOf({ node }: ObjectSubject): Fields {
  return recordAt(node.object, "spec", "selector") ?? {};
}

function attempt<S, T>(read: (subject: S) => T, subject: S): Known<T> {
  try {
    return read(subject);
  } catch (error) {
    return error instanceof Error ? error : new TypeError("it cannot be read");
  }
}
