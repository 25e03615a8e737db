import { parseLabelSelector } from "../../kubernetes/label-selector";
import type { LabelSelector } from "../../kubernetes/label-selector";
import type { ResourceGraph, Scope } from "../graph";
import { elementsAt, fieldOf, listAt, recordAt, valueAt } from "../read";
import type { Path } from "../read";
import { defineRule } from "../rule";
import type { Violation } from "../rule";
import { otherTenantSelected } from "../selected-tenants";
import { shown } from "../shown";
import { elements } from "../subjects";
import type { ElementSubject } from "../subjects";
import { tenantObjects, tenantOf } from "../tenant-namespaces";

/** One rule of a NetworkPolicy. */
interface TrafficSubject extends ElementSubject {
  readonly peers: "from" | "to";
}

const DIRECTIONS = { ingress: "from", egress: "to" } as const;

/** No policy lets in, or out to, everybody or another tenant. */
export const p1Net3 = defineRule<TrafficSubject>({
  id: "P1-NET-3",
  policy: "P1",
  severity: "critical",
  title: "no network policy of a tenant opens its namespace to everybody or to another tenant",
  why: "policies add up: one that allows everything undoes the default-deny beside it",
  remediation:
    "name each peer: a podSelector, a namespaceSelector on kubernetes.io/metadata.name, or an ipBlock narrower than /0",
  source:
    "kubescape ingress-and-egress-blocked, internal-networking; uds-core generators/anywhere.ts",
  *subjects(graph) {
    for (const policy of tenantObjects(graph, "NetworkPolicy")) {
      for (const [direction, peers] of Object.entries(DIRECTIONS)) {
        yield* elements({ ...policy, peers }, policy.node.object, "spec", direction);
      }
    }
  },
  *check(subject, graph) {
    const { element, peers } = subject;
    if (listAt(element, peers).length === 0) {
      yield { field: `.${peers}`, message: "names no peer, which allows every peer" };
    }
    const cluster = subject.scope.cluster;
    const tenant = tenantOf(graph, subject);
    const scope = tenant === undefined ? { cluster } : { cluster, tenant };
    for (const peer of elementsAt(element, peers)) {
      yield* peerViolations(element, peer, scope, graph);
    }
  },
});

function* peerViolations(
  rule: unknown,
  peer: Path,
  scope: Scope,
  graph: ResourceGraph,
): Iterable<Violation> {
  const block = recordAt(rule, ...peer, "ipBlock");
  const selector = recordAt(rule, ...peer, "namespaceSelector");
  if (block !== undefined) yield* blockViolations(rule, [...peer, "ipBlock"]);
  if (selector !== undefined) {
    const field = fieldOf([...peer, "namespaceSelector"]);
    yield* selectorViolations(selector, field, scope, graph);
  }
  const pods = recordAt(rule, ...peer, "podSelector");
  if (block === undefined && selector === undefined && pods === undefined) {
    yield { field: fieldOf(peer), message: "is empty, which allows every peer" };
  }
}

function* blockViolations(rule: unknown, block: Path): Iterable<Violation> {
  const path = [...block, "cidr"];
  const cidr = valueAt(rule, ...path);
  const prefix = typeof cidr === "string" ? /^[0-9A-Fa-f:.]+\/([0-9]{1,3})$/.exec(cidr) : null;
  if (prefix === null) {
    yield { field: fieldOf(path), message: `${shown(cidr)} is no CIDR block` };
  } else if (Number(prefix[1]) === 0 && listAt(rule, ...block, "except").length === 0) {
    // Any address before /0 means the same: 10.0.0.0/0 is the whole internet.
    yield { field: fieldOf(path), message: `${shown(cidr)} without except allows every address` };
  }
}

function* selectorViolations(
  value: unknown,
  field: string,
  scope: Scope,
  graph: ResourceGraph,
): Iterable<Violation> {
  let selector: LabelSelector;
  try {
    selector = parseLabelSelector(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    yield { field, message: error.message };
    return;
  }
  if (selector.length === 0) {
    yield { field, message: "is empty, which selects every namespace" };
    return;
  }
  // With a podSelector beside it, too: another tenant labels its pods as it likes.
  const other = otherTenantSelected(graph, scope, selector);
  if (other !== undefined) yield { field, message: `selects ${other}` };
}
