import { expect, test } from "vitest";

import { expandList } from "../../../lib/kubernetes/expand-list";
import { objectNode } from "../../../lib/policy/graph/graph";
import { p1Net3 } from "../../../lib/policy/rules/p1-net-3";
import { p1Net4 } from "../../../lib/policy/rules/p1-net-4";
import { changed, set } from "../change";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";
import type { ObjectCase } from "../rule-cases";

const DNS = "NetworkPolicy tenant-acme/allow-dns";
const NAME = "kubernetes.io/metadata.name";
const RULE = ["spec", "egress", 0];
const PEER = [...RULE, "to", 0];
const PORTS = [...RULE, "ports"];

const at = (field: string, message: string) => [
  { object: DNS, field: `spec.egress[0].to[0]${field}`, message },
];
const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { [NAME]: name } } });
const block = (cidr: string, ...except: string[]) => ({ ipBlock: { cidr, except } });
const https = set(DNS, PORTS, [{ port: 443 }]);

/** A peer that may be called, on 443. */
const passes = (title: string, peer: unknown): ObjectCase => ({
  title: `passes ${title}`,
  changes: [set(DNS, PEER, peer), https],
  findings: [],
});
const metadata = (cidr: string, address: string, ...except: string[]): ObjectCase => ({
  title: `fails ${[cidr, ...except].join(" without ")}`,
  changes: [set(DNS, PEER, block(cidr, ...except)), https],
  findings: at(".ipBlock.cidr", `holds ${address}, a cloud's metadata address`),
});
const ports = (title: string, peer: unknown, value: unknown, message: string): ObjectCase => ({
  title: `fails ${title}`,
  changes: [set(DNS, PEER, peer), set(DNS, PORTS, value)],
  findings: at(
    Object.hasOwn(peer as object, "ipBlock") ? ".ipBlock" : ".namespaceSelector",
    message,
  ),
});

const NAMES_ELSEWHERE = "opens port 53; allowed for that is kube-system only";
const EVERY_PORT = "opens every port, 53 among them; name the ports";
const MORE = "opens more of kube-system than port 53";

describeObjectCases(p1Net4, [
  { title: "passes the compliant tenant", changes: [], findings: [] },
  {
    title: "passes every pod of kube-system, and the names of the ports of its DNS",
    changes: [
      set(DNS, PEER, namespace("kube-system")),
      set(DNS, PORTS, [{ port: "dns", protocol: "UDP" }, { port: "dns-tcp" }, { port: 53 }]),
    ],
    findings: [],
  },
  {
    title: "passes every port of the tenant's own pods",
    changes: [
      set(DNS, [...RULE, "to"], [{ podSelector: {} }, namespace("tenant-acme")]),
      set(DNS, PORTS, undefined),
    ],
    findings: [],
  },
  passes("another namespace", namespace("atom-platform")),
  passes("a block", block("10.1.0.0/16")),
  passes("the world but for metadata", block("0.0.0.0/0", "10.0.0.0/8", "169.254.0.0/16")),
  passes("the IPv6 world but for metadata", block("2000::/3")),
  {
    title: "leaves to another rule what is open to everybody",
    changes: [set(DNS, [...RULE, "to"], undefined), set(DNS, PORTS, undefined)],
    findings: [
      {
        rule: p1Net3,
        object: DNS,
        field: "spec.egress[0].to",
        message: "names no peer, which allows every peer",
      },
    ],
  },

  {
    title: "leaves to another rule what is open to every namespace",
    changes: [
      set(DNS, PEER, { namespaceSelector: {}, podSelector: { matchLabels: { app: "dns" } } }),
    ],
    findings: [
      {
        rule: p1Net3,
        object: DNS,
        field: "spec.egress[0].to[0].namespaceSelector",
        message: "is empty, which selects every namespace",
      },
    ],
    unknownPasses: true,
  },

  metadata("169.254.0.0/16", "169.254.169.254"),
  metadata("169.254.169.254/32", "169.254.169.254"),
  metadata("128.0.0.0/1", "169.254.169.254"),
  metadata("0.0.0.0/0", "169.254.169.254", "10.0.0.0/8"),
  metadata("169.254.0.0/16", "169.254.169.254", "169.254.169.255/32"),
  metadata("::ffff:a9fe:0/112", "169.254.169.254"),
  metadata("64:ff9b::/96", "64:ff9b::a9fe:a9fe"),
  metadata("fd00:ec2::254/128", "fd00:ec2::254"),
  metadata("fd20:ce::/32", "fd20:ce::254"),
  metadata("FE80::/10", "fe80::a9fe:a9fe"),
  metadata("fd00:00c1::/32", "fd00:c1::a9fe:a9fe"),
  metadata("fd00:42::/64", "fd00:42::42"),
  metadata("8000::/1", "fd00:ec2::254", "fe00::/8"),

  ports("another server for names", block("8.8.8.8/32"), [{ port: 53 }], NAMES_ELSEWHERE),
  ports("a range that holds 53", block("8.8.8.8/32"), [{ port: 1, endPort: 99 }], NAMES_ELSEWHERE),
  ports("names asked of the platform", namespace("atom-platform"), [{ port: 53 }], NAMES_ELSEWHERE),
  ports(
    "names asked of kube-system or another",
    {
      namespaceSelector: {
        matchExpressions: [{ key: NAME, operator: "In", values: ["kube-system", "dns"] }],
      },
    },
    [{ port: 53 }],
    NAMES_ELSEWHERE,
  ),
  ports(
    "names asked of what only claims to be kube-system",
    { namespaceSelector: { matchLabels: { name: "kube-system" } } },
    [{ port: 53 }],
    NAMES_ELSEWHERE,
  ),
  ports("every port of a block", block("10.1.0.0/16"), undefined, EVERY_PORT),
  ports("every TCP port of a namespace", namespace("atom-platform"), [{}], EVERY_PORT),
  ports(
    "every port, by their numbers",
    block("10.1.0.0/16"),
    [{ port: 1, endPort: 65535 }],
    EVERY_PORT,
  ),
  ports(
    "a port by its name",
    namespace("atom-platform"),
    [{ port: "web" }],
    'opens port "web", which may be 53 there; write its number',
  ),
  ports(
    "another port of kube-system",
    namespace("kube-system"),
    [{ port: 53 }, { port: 9153 }],
    MORE,
  ),
  ports("a range of kube-system", namespace("kube-system"), [{ port: 53, endPort: 54 }], MORE),
  ports("every port of kube-system", namespace("kube-system"), [], MORE),
  ports(
    "the API server",
    block("10.0.0.1/32"),
    [{ port: 6443 }],
    "opens port 6443, where API servers listen",
  ),
  {
    title: "fails, undecided, what is no port",
    changes: [set(DNS, PORTS, [{ port: true }])],
    findings: [
      {
        object: DNS,
        field: "spec.egress[0].ports[0].port",
        message: "cannot be decided: it is no port",
        cause: "undecided",
      },
    ],
  },
]);

test("finds each of two mistakes in one policy", () => {
  const objects = changed(compliantTenant(), [
    set(DNS, ["spec", "egress", 1], { to: [block("169.254.169.254/32")], ports: [{ port: 80 }] }),
    set(DNS, ["spec", "egress", 2], { to: [block("8.8.8.8/32")], ports: [{ port: 53 }] }),
  ]);
  expect(findingsOf(graphOf(objects, "acme")).map(({ rule, field }) => [rule, field])).toEqual([
    ["P1-NET-4", "spec.egress[1].to[0].ipBlock.cidr"],
    ["P1-NET-4", "spec.egress[2].to[0].ipBlock"],
  ]);
});

test("looks into tenants' namespaces, whoever brings the policy, and at no policy elsewhere", () => {
  const [policy] = changed(compliantTenant(), [set(DNS, PEER, block("169.254.0.0/16"))]).filter(
    ({ metadata: { name } }) => name === "allow-dns",
  );
  const own = { ...policy!, metadata: { name: "allow-dns", namespace: "atom-platform" } };
  const items = [policy, own];
  const objects = expandList({ apiVersion: "v1", kind: "List", metadata: { name: "" }, items });
  const nodes = objects.map((object) => objectNode(object, scopeOfTenant()));
  const findings = findingsOf(graphOf(compliantTenant(), "acme", { objects: nodes }));
  expect(findings.map(({ rule, scope, object }) => [rule, scope, object])).toEqual([
    ["P1-NET-4", { cluster: "eu-prod" }, DNS],
    ["P1-NET-4", { cluster: "eu-prod" }, DNS],
  ]);
});
