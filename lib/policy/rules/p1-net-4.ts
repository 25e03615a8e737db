import { defineRule } from "../evaluation/rule";
import type { Report } from "../evaluation/rule";
import { parseBlock } from "../network/address-block";
import { openPorts } from "../network/network-ports";
import type { OpenPorts } from "../network/network-ports";
import { namespacesNamed } from "../network/selected-tenants";
import { selectorAt } from "../network/selector-at";
import type { Fields } from "../reading/read";
import { eachElement, listAt, recordAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import { tenantEgressRules } from "../tenants/tenant-parts";

export const DNS_NAMESPACE = "kube-system";
export const DNS_PORT = 53;
/** What the ports of CoreDNS and kube-dns are called. */
export const DNS_PORT_NAMES = ["dns", "dns-tcp"];
/** Of an API server, unless its cluster's maker chose another. */
export const API_SERVER_PORT = 6443;

/** Where clouds hand out a machine's credentials, to whoever asks from it. */
export const METADATA_ADDRESSES = [
  "169.254.169.254", // AWS, Azure, Google, OpenStack and most others
  "64:ff9b::a9fe:a9fe", // the same, by way of NAT64
  "fd00:ec2::254", // AWS
  "fd20:ce::254", // Google
  "fe80::a9fe:a9fe", // OpenStack
  "fd00:c1::a9fe:a9fe", // Oracle
  "fd00:42::42", // Scaleway
];

/**
 * A tenant's pods ask kube-system's DNS for names and nobody else; no egress holds a cloud's
 * metadata address, nor, by its usual port, the API server. A pod that is to reach the API server
 * is declared by a waiver. What is open to everybody is P1-NET-3's to say, and not said twice.
 */
export const p1Net4 = defineRule({
  id: "P1-NET-4",
  policy: "P1",
  severity: "high",
  title:
    "a tenant's egress reaches no DNS but kube-system's, no metadata address and no API server",
  why: "a name server of one's own carries data out, the metadata address gives the node's credentials away, and the API server is everybody's",
  remediation:
    "allow port 53 to kube-system only, name the ports to every other peer by number, leave metadata addresses out with except, and waive port 6443 where a pod is to reach the API server",
  source:
    "kyverno best-practices/add-networkpolicy-dns; kubescape C-0052; uds-core generators/cloudMetadata.ts, kubeAPI.ts",
  inHome: tenantEgressRules,
  check(subject, report) {
    const { element } = subject;
    const ports = openPorts(element);
    const own = subject.home.namespace;
    eachElement(element, ["to"], (peer, at) => {
      checkPeer(peer, { ports, own }, (place, message) => report(at + place, message));
    });
  },
});

interface Egress {
  readonly ports: readonly OpenPorts[];
  /** The policy's namespace. */
  readonly own: string | undefined;
}

function checkPeer(peer: Fields, { ports, own }: Egress, report: Report): void {
  const block = recordAt(peer, "ipBlock");
  if (block !== undefined) checkBlock(block, ports, report);
  if (recordAt(peer, "namespaceSelector") === undefined) return;
  const selector = selectorAt(peer, "namespaceSelector");
  if (selector.length === 0) return;
  const names = namespacesNamed(selector)?.filter((name) => name !== own);
  if (names?.length === 0) return;
  const field = ".namespaceSelector";
  if (names?.every((name) => name === DNS_NAMESPACE) !== true) {
    checkNames(ports, field, report);
  } else if (!ports.every(isDns)) {
    report(field, `opens more of ${DNS_NAMESPACE} than port ${DNS_PORT}`);
  }
}

function checkBlock(block: Fields, ports: readonly OpenPorts[], report: Report): void {
  const parsed = parseBlock(valueAt(block, "cidr"));
  const except = listAt(block, "except");
  if (parsed === undefined || (parsed.prefix === 0 && except.length === 0)) return;
  const found = METADATA_ADDRESSES.find(
    (address) =>
      parsed.holds(address) && !except.some((cidr) => parseBlock(cidr)?.holds(address) === true),
  );
  if (found !== undefined) report(".ipBlock.cidr", `holds ${found}, a cloud's metadata address`);
  checkNames(ports, ".ipBlock", report);
  if (ports.some((open) => opens(open, API_SERVER_PORT)) && !ports.some(opensAll)) {
    report(".ipBlock", `opens port ${API_SERVER_PORT}, where API servers listen`);
  }
}

/** A peer that answers no questions for names. */
function checkNames(ports: readonly OpenPorts[], field: string, report: Report): void {
  const named = ports.find((open) => "name" in open);
  if (ports.some(opensAll)) {
    report(field, `opens every port, ${DNS_PORT} among them; name the ports`);
  } else if (ports.some((open) => opens(open, DNS_PORT))) {
    report(field, `opens port ${DNS_PORT}; allowed for that is ${DNS_NAMESPACE} only`);
  } else if (named !== undefined) {
    const message = `opens port ${shown(named.name)}, which may be ${DNS_PORT} there; write its number`;
    report(field, message);
  }
}

function opens(open: OpenPorts, port: number): boolean {
  return "first" in open && open.first <= port && port <= open.last;
}

function opensAll(open: OpenPorts): boolean {
  return opens(open, 1) && opens(open, 65_535);
}

function isDns(open: OpenPorts): boolean {
  return "name" in open
    ? DNS_PORT_NAMES.includes(open.name)
    : open.first === DNS_PORT && open.last === DNS_PORT;
}
