import { selects } from "../../kubernetes/label-selector";
import type { LabelSelector } from "../../kubernetes/label-selector";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { podSelectorOf } from "../network/network-objects";
import { openPorts } from "../network/network-ports";
import type { OpenPorts } from "../network/network-ports";
import { selectorAt } from "../network/selector-at";
import type { Fields } from "../reading/read";
import { listAt, textsAt, valueAt } from "../reading/read";
import { isOfGroup } from "../subjects/candidates";
import type { ObjectSubject } from "../subjects/subjects";
import { scraperNamespaces } from "./scraper-namespaces";

/** What a NetworkPolicy means to Prometheus. */
export interface ScrapePolicy {
  /** Whether it has a say in what comes in. */
  readonly isOfIngress: boolean;
  /** The pods it is about. */
  readonly selector: LabelSelector;
  /** The ports that it opens to a namespace that scrapes. */
  readonly toScrapers: readonly OpenPorts[];
}

/**
 * A policy, read once.
 *
 * @throws MalformedError or UndecidedError if it cannot be read.
 */
export function scrapePolicy(graph: ResourceGraph, policy: ObjectSubject): ScrapePolicy {
  const policies = byObject(graph);
  let found = policies.get(policy);
  if (!found) policies.set(policy, (found = read(graph, policy)));
  return found;
}

const byObject = perGraph(() => new WeakMap<ObjectSubject, ScrapePolicy>());

function read(graph: ResourceGraph, policy: ObjectSubject): ScrapePolicy {
  const { object } = policy.node;
  const types = textsAt(object, "spec", "policyTypes");
  const isOfIngress =
    isOfGroup(policy, "networking.k8s.io") && (types.length === 0 || types.includes("Ingress"));
  if (!isOfIngress) return { isOfIngress, selector: [], toScrapers: [] };
  const selector = podSelectorOf(policy);
  const toScrapers = listAt(object, "spec", "ingress").flatMap((rule) => {
    const peers = listAt(rule, "from");
    const admits = peers.length === 0 || peers.some((peer) => isScraper(graph, policy, peer));
    return admits ? openPorts(rule as Fields) : [];
  });
  return { isOfIngress, selector, toScrapers };
}

/**
 * Whether a peer is in a namespace that scrapes. Which labels the scraper's own pod bears there is
 * the platform's affair; an ipBlock is no namespace.
 */
function isScraper(graph: ResourceGraph, policy: ObjectSubject, peer: unknown): boolean {
  const scrapers = scraperNamespaces(graph, policy.scope.cluster);
  if (valueAt(peer, "namespaceSelector") === undefined) {
    const isOwn = valueAt(peer, "podSelector") !== undefined;
    return isOwn && scrapers.some(({ name }) => name === policy.home.namespace);
  }
  const selector = selectorAt(peer, "namespaceSelector");
  return scrapers.some(({ labels }) => selects(selector, labels));
}
