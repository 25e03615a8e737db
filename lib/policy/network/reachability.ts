import type { Labels } from "../../kubernetes/label-selector";
import { selects } from "../../kubernetes/label-selector";
import { CONTAINER_ROLES } from "../../kubernetes/pod-template";
import type { PodTemplate } from "../../kubernetes/pod-template";
import type { ResourceGraph, Scope } from "../graph/graph";
import { podsIn } from "../graph/home";
import { homes } from "../graph/homes";
import type { Fields } from "../reading/read";
import { eachElement, listAt, recordAt, textsAt, valueAt } from "../reading/read";
import { nameOf } from "../subjects/subjects";
import { tenantNamespaces } from "../tenants/tenant-namespaces";
import { parseBlock } from "./address-block";
import { labelsOf, networkPolicies, podSelectorOf } from "./network-objects";
import { openPorts } from "./network-ports";
import type { OpenPorts } from "./network-ports";
import { NAME_LABEL } from "./selected-tenants";
import { selectorAt } from "./selector-at";

/** A pod as a NetworkPolicy sees it. It need not be in the graph. */
export interface PodEnd {
  readonly cluster: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** The ports that it gives a name. */
  readonly namedPorts: readonly { readonly name: string; readonly port: Port }[];
}

/** One end of a connection: a pod, or an address that is no pod's. */
export type End = PodEnd | { readonly address: string };

export interface Port {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly number: number;
}

export type Direction = "ingress" | "egress";

/**
 * Whether the NetworkPolicies of a graph let a pod open a connection: its own side has to let it
 * out, and the other side, if that is a pod, has to let it in.
 *
 * A policy adds to what others allow, and a pod that none selects is open. A block of addresses is
 * taken to hold a pod only if it holds every address, for what addresses pods get is not in the
 * graph. Pods on their node's network, which policies do not bind, are P1-POD-2's to refuse, and
 * policies of other kinds P1-NET-8's.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
 *
 * @throws UndecidedError or MalformedError if that hangs on a policy that cannot be read.
 */
export function canReach(graph: ResourceGraph, from: PodEnd, to: End, port: Port): boolean {
  return (
    allows(graph, "egress", from, to, port) &&
    ("address" in to || allows(graph, "ingress", to, from, port))
  );
}

/**
 * Whether a tenant can reach another tenant, or an address: some pod of it some pod of the other.
 * Both have besides their pods of today one that bears no label.
 *
 * @throws as {@link canReach} does.
 */
export function tenantReaches(
  graph: ResourceGraph,
  from: Required<Scope>,
  to: Required<Scope> | { readonly address: string },
  port: Port,
): boolean {
  const targets = "address" in to ? [to] : podEnds(graph, to);
  return podEnds(graph, from).some((pod) =>
    targets.some((target) => canReach(graph, pod, target, port)),
  );
}

/** The pods in a tenant's namespaces, and in each of these one without a label. */
export function podEnds(graph: ResourceGraph, { cluster, tenant }: Required<Scope>): PodEnd[] {
  const own = tenantNamespaces(graph).filter(
    ({ scope }) => scope.cluster === cluster && scope.tenant === tenant,
  );
  return own.flatMap((subject) => {
    const namespace = nameOf(subject) ?? "";
    return [
      { cluster, namespace, labels: {}, namedPorts: [] },
      ...podEndsIn(graph, cluster, namespace),
    ];
  });
}

/** The pods in a namespace. */
export function podEndsIn(graph: ResourceGraph, cluster: string, namespace: string): PodEnd[] {
  return podsIn(homes(graph).at(cluster, namespace)).map((one) => {
    return { cluster, namespace, labels: labelsOf(one), namedPorts: namedPortsOf(one.pod) };
  });
}

function namedPortsOf(pod: PodTemplate): PodEnd["namedPorts"] {
  const found: { name: string; port: Port }[] = [];
  for (const role of CONTAINER_ROLES) {
    eachElement(pod, ["spec", role], (container) => {
      eachElement(container, ["ports"], (declared) => {
        const name = valueAt(declared, "name");
        const number = valueAt(declared, "containerPort");
        const protocol = (valueAt(declared, "protocol") ?? "TCP") as Port["protocol"];
        if (typeof name !== "string" || typeof number !== "number") return;
        found.push({ name, port: { protocol, number } });
      });
    });
  }
  return found;
}

/**
 * Whether the policies of a pod's namespace let it connect to the other end (egress), or the other
 * end to it (ingress), on a port of whichever is called.
 *
 * @throws as {@link canReach} does.
 */
export function allows(
  graph: ResourceGraph,
  direction: Direction,
  pod: PodEnd,
  other: End,
  port: Port,
): boolean {
  const policies = networkPolicies(homes(graph).at(pod.cluster, pod.namespace)).filter(
    (policy) =>
      governs(policy.node.object, direction) && selects(podSelectorOf(policy), pod.labels),
  );
  const called = direction === "ingress" ? pod : other;
  return (
    policies.length === 0 ||
    policies.some(({ node }) =>
      someElement(node.object, ["spec", direction], (rule) => {
        const isOpen = openPorts(rule).some((open) => holdsPort(open, port, called));
        return isOpen && holdsPeer(graph, rule, direction, pod, other);
      }),
    )
  );
}

/** Left out, the types are Ingress, and Egress if there is a rule for that. */
function governs(policy: Fields, direction: Direction): boolean {
  const types = textsAt(policy, "spec", "policyTypes");
  if (types.length > 0) return types.includes(direction === "ingress" ? "Ingress" : "Egress");
  return direction === "ingress" || listAt(policy, "spec", "egress").length > 0;
}

function holdsPort(open: OpenPorts, { protocol, number }: Port, called: End): boolean {
  if (open.protocol !== undefined && open.protocol !== protocol) return false;
  if ("first" in open) return open.first <= number && number <= open.last;
  if ("address" in called) return false;
  return called.namedPorts.some(
    ({ name, port }) => name === open.name && port.number === number && port.protocol === protocol,
  );
}

function holdsPeer(
  graph: ResourceGraph,
  rule: Fields,
  direction: Direction,
  pod: PodEnd,
  other: End,
): boolean {
  const peers = direction === "ingress" ? "from" : "to";
  if (listAt(rule, peers).length === 0) return true;
  return someElement(rule, [peers], (peer) => isPeer(graph, peer, pod, other));
}

function isPeer(graph: ResourceGraph, peer: Fields, pod: PodEnd, other: End): boolean {
  const block = recordAt(peer, "ipBlock");
  if (block !== undefined) return isInBlock(block, other);
  const namespaces = recordAt(peer, "namespaceSelector");
  const pods = recordAt(peer, "podSelector");
  if (namespaces === undefined && pods === undefined) return true;
  if ("address" in other || other.cluster !== pod.cluster) return false;
  const isHome =
    namespaces === undefined
      ? other.namespace === pod.namespace
      : selects(selectorAt(peer, "namespaceSelector"), namespaceLabels(graph, other));
  return isHome && selects(selectorAt(peer, "podSelector"), other.labels);
}

function isInBlock(block: Fields, other: End): boolean {
  const parsed = parseBlock(valueAt(block, "cidr"));
  const except = listAt(block, "except");
  if (!("address" in other)) return parsed?.prefix === 0 && except.length === 0;
  if (parsed?.holds(other.address) !== true) return false;
  return !except.some((cidr) => parseBlock(cidr)?.holds(other.address) === true);
}

/** The labels of a pod's namespace, with the one that the API server sets whatever they say. */
function namespaceLabels(graph: ResourceGraph, { cluster, namespace }: PodEnd): Labels {
  const found = homes(graph).at(cluster, namespace).ofKind("Namespace").at(-1);
  const labels = recordAt(found?.node.object, "metadata", "labels") ?? {};
  return { ...(labels as Labels), [NAME_LABEL]: namespace };
}

/** Whether something holds for some object of a list; all of them are read. */
function someElement(
  from: Fields,
  path: readonly string[],
  holds: (element: Fields) => boolean,
): boolean {
  let found = false;
  eachElement(from, path, (element) => {
    found = found || holds(element);
  });
  return found;
}
