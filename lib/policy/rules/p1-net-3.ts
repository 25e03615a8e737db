import { parseLabelSelector } from "../../kubernetes/label-selector";
import type { LabelSelector } from "../../kubernetes/label-selector";
import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import type { ResourceGraph, Scope } from "../graph/graph";
import { parseBlock } from "../network/address-block";
import { otherTenantSelected } from "../network/selected-tenants";
import { eachElement, listAt, recordAt, valueAt } from "../reading/read";
import type { Fields } from "../reading/read";
import { isRecord, listOf, recordOf } from "../reading/shape";
import { shown } from "../reading/shown";
import { tenantOf } from "../tenants/tenant-namespaces";
import { tenantEgressRules, tenantIngressRules } from "../tenants/tenant-parts";

/** No policy lets in, or out to, everybody or another tenant. */
export const p1Net3 = defineRule({
  id: "P1-NET-3",
  policy: "P1",
  severity: "critical",
  title: "no network policy of a tenant opens its namespace to everybody or to another tenant",
  why: "policies add up: one that allows everything undoes the default-deny beside it",
  remediation:
    "name each peer: a podSelector, a namespaceSelector on kubernetes.io/metadata.name, or an ipBlock narrower than /0",
  source:
    "kubescape ingress-and-egress-blocked, internal-networking; uds-core generators/anywhere.ts",
  inHome: [tenantIngressRules, tenantEgressRules],
  check(subject, report, graph) {
    const { element, field } = subject;
    const peers = field.startsWith(".spec.ingress") ? "from" : "to";
    if (listAt(element, peers).length === 0) {
      report(`.${peers}`, "names no peer, which allows every peer");
    }
    const cluster = subject.scope.cluster;
    const tenant = tenantOf(subject);
    const scope = tenant === undefined ? { cluster } : { cluster, tenant };
    if (blocksHoldAll(element, peers)) report(`.${peers}`, "has blocks that hold every address");
    eachElement(element, [peers], (peer, at) => {
      checkPeer(peer, scope, graph, (place, message) => report(at + place, message));
    });
  },
});

function checkPeer(peer: unknown, scope: Scope, graph: ResourceGraph, report: Report): void {
  const block = recordAt(peer, "ipBlock");
  const selector = recordAt(peer, "namespaceSelector");
  if (block !== undefined) checkBlock(peer, report);
  if (selector !== undefined) checkSelector(selector, scope, graph, report);
  const pods = recordAt(peer, "podSelector");
  if (block === undefined && selector === undefined && pods === undefined) {
    report("", "is empty, which allows every peer");
  }
}

/**
 * Whether blocks, none of which holds every address, do so together, such as 0.0.0.0/1 and 128.0.0.0/1.
 * Two that overlap count twice: nobody writes that for anything else.
 */
function blocksHoldAll(rule: Fields, peers: string): boolean {
  const held = { ipv4: 0, ipv6: 0 };
  for (const peer of listAt(rule, peers)) {
    const { cidr, except } = isRecord(peer) ? recordOf(peer["ipBlock"]) : {};
    const block = parseBlock(cidr);
    if (block === undefined || block.prefix === 0 || listOf(except).length > 0) continue;
    held[String(cidr).includes(":") ? "ipv6" : "ipv4"] += 2 ** -block.prefix;
  }
  return held.ipv4 >= 1 || held.ipv6 >= 1;
}

function checkBlock(peer: unknown, report: Report): void {
  const field = ".ipBlock.cidr";
  const cidr = valueAt(peer, "ipBlock", "cidr");
  const parsed = parseBlock(cidr);
  if (parsed === undefined) {
    report(field, `${shown(cidr)} is no CIDR block`);
  } else if (parsed.prefix === 0 && listAt(peer, "ipBlock", "except").length === 0) {
    // Any address before /0 means the same: 10.0.0.0/0 is the whole internet.
    report(field, `${shown(cidr)} without except allows every address`);
  }
}

function checkSelector(value: unknown, scope: Scope, graph: ResourceGraph, report: Report): void {
  const field = ".namespaceSelector";
  let selector: LabelSelector;
  try {
    selector = parseLabelSelector(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report(field, error.message);
    return;
  }
  if (selector.length === 0) {
    report(field, "is empty, which selects every namespace");
    return;
  }
  // With a podSelector beside it, too: another tenant labels its pods as it likes.
  const other = otherTenantSelected(graph, scope, selector);
  if (other !== undefined) report(field, `selects ${other}`);
}
