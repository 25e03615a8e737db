import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { tenantNamespace } from "../../../lib/kubernetes/names";
import { violationsOf } from "../../../lib/policy/evaluation/evaluate";
import { objectNode, ResourceGraph } from "../../../lib/policy/graph/graph";
import { graphFromResources } from "../../../lib/policy/graph/graph-from-resources";
import {
  allows,
  canReach,
  podEnds,
  podEndsIn,
  tenantReaches,
} from "../../../lib/policy/network/reachability";
import type { Direction, End, PodEnd, Port } from "../../../lib/policy/network/reachability";
import { P1_RULES } from "../../../lib/policy/rules/p1";
import { recordFleet } from "../../../lib/simulation/chart-step";
import { planTenant } from "../../../lib/tenant/plan";
import { exampleInputs } from "../../example-fleet";

const CLUSTER = "eu-prod";
const NAME = "kubernetes.io/metadata.name";
const METADATA = ["169.254.169.254", "fd00:ec2::254", "fd20:ce::254"];
const tcp = (number: number): Port => ({ protocol: "TCP", number });
const udp = (number: number): Port => ({ protocol: "UDP", number });
const pod = (namespace: string, labels: Record<string, string> = {}): PodEnd => ({
  cluster: CLUSTER,
  namespace,
  labels,
  namedPorts: [{ name: "http", port: tcp(8080) }],
});

const PROMETHEUS = pod("atom-platform", { "app.kubernetes.io/name": "prometheus" });

describe("a policy", () => {
  const NODES = [objectNode(namespace("b", { team: "blue" }), { cluster: CLUSTER })];
  const A = pod("a", { app: "a" });
  const B = pod("b", { app: "b" });

  /** Whether a policy on every pod of namespace `a` allows a connection. */
  function decides(
    spec: Record<string, unknown>,
    direction: Direction,
    { to = B, port = tcp(8080), from = A }: { to?: End; port?: Port; from?: PodEnd } = {},
  ): boolean {
    const policy = networkPolicy("a", "x", { podSelector: {}, ...spec });
    const nodes = [...NODES, objectNode(policy, { cluster: CLUSTER })];
    return allows(new ResourceGraph({ objects: nodes }), direction, from, to, port);
  }
  const egress = (rule: unknown, of: Parameters<typeof decides>[2] = {}) =>
    decides({ policyTypes: ["Egress"], egress: [rule] }, "egress", of);
  const ports = (...list: unknown[]) => ({ ports: list });

  test("binds what it selects, and nothing else", () => {
    const deny = { policyTypes: ["Ingress", "Egress"] };
    expect(decides(deny, "egress")).toBe(false);
    expect(decides({ ...deny, podSelector: { matchLabels: { app: "a" } } }, "egress")).toBe(false);
    expect(decides({ ...deny, podSelector: { matchLabels: { app: "x" } } }, "egress")).toBe(true);
    expect(decides(deny, "egress", { from: pod("elsewhere") })).toBe(true);
  });

  test.each([
    [{ policyTypes: ["Ingress"] }, { ingress: false, egress: true }],
    [{ policyTypes: ["Egress"] }, { ingress: true, egress: false }],
    [
      { policyTypes: ["Egress"], egress: [{}] },
      { ingress: true, egress: true },
    ],
    [{}, { ingress: false, egress: true }],
    [
      { policyTypes: [], egress: [] },
      { ingress: false, egress: true },
    ],
    [{ egress: [{ to: [{ podSelector: {} }] }] }, { ingress: false, egress: false }],
    [{ ingress: [{}] }, { ingress: true, egress: true }],
  ])("%j is of the types that it names, or is taken to", (spec, expected) => {
    expect({ ingress: decides(spec, "ingress"), egress: decides(spec, "egress") }).toEqual(
      expected,
    );
  });

  test.each([
    [{}, true],
    [{ to: [] }, true],
    [{ to: [{}] }, true],
    [{ to: [{ podSelector: {} }] }, false],
    [{ to: [{ namespaceSelector: {} }] }, true],
    [{ to: [{ namespaceSelector: { matchLabels: { team: "blue" } } }] }, true],
    [{ to: [{ namespaceSelector: { matchLabels: { team: "red" } } }] }, false],
    [{ to: [{ namespaceSelector: { matchLabels: { [NAME]: "b" } } }] }, true],
    [{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "b" } } }] }, true],
    [{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "x" } } }] }, false],
    [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }, true],
    [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }, false],
    [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }, false],
  ])("with the rule %j decides by its peers", (rule, expected) => {
    expect(egress(rule)).toBe(expected);
  });

  test("takes a namespace's name from the API server, not from who labels it", () => {
    const claims = namespace("b", { [NAME]: "kube-system" });
    const policy = networkPolicy("a", "x", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ namespaceSelector: { matchLabels: { [NAME]: "kube-system" } } }] }],
    });
    const objects = [claims, policy].map((object) => objectNode(object, { cluster: CLUSTER }));
    const graph = new ResourceGraph({ objects });
    expect(allows(graph, "egress", A, B, tcp(1))).toBe(false);
    expect(allows(graph, "egress", A, pod("kube-system"), tcp(1))).toBe(true);
  });

  test.each([
    [ports(), true],
    [ports({}), true],
    [ports({ port: 8080 }), true],
    [ports({ port: 8080, protocol: "UDP" }), false],
    [ports({ port: 8079 }), false],
    [ports({ port: 8000, endPort: 8080 }), true],
    [ports({ port: 8000, endPort: 8079 }), false],
    [ports({ port: "http" }), true],
    [ports({ port: "https" }), false],
  ])("with %j decides by its ports", (rule, expected) => {
    expect(egress(rule)).toBe(expected);
  });

  test("lets addresses through by their block only, and never by a port's name", () => {
    const to = { address: "10.1.2.3" };
    const block = { to: [{ ipBlock: { cidr: "10.1.0.0/16", except: ["10.1.9.0/24"] } }] };
    expect(egress(block, { to })).toBe(true);
    expect(egress(block, { to: { address: "10.1.9.1" } })).toBe(false);
    expect(egress(block, { to: { address: "10.2.0.1" } })).toBe(false);
    expect(egress({ ...block, ports: [{ port: "http" }] }, { to })).toBe(false);
    expect(egress({ to: [{ namespaceSelector: {} }] }, { to })).toBe(false);
  });

  test("needs both sides to allow a connection", () => {
    const sides = (a: unknown[], b: unknown[]) => {
      const objects = [
        networkPolicy("a", "x", { podSelector: {}, policyTypes: ["Egress"], egress: a }),
        networkPolicy("b", "x", { podSelector: {}, policyTypes: ["Ingress"], ingress: b }),
      ].map((object) => objectNode(object, { cluster: CLUSTER }));
      return canReach(new ResourceGraph({ objects }), A, B, tcp(80));
    };
    expect([sides([{}], [{}]), sides([{}], []), sides([], [{}])]).toEqual([true, false, false]);
  });

  test("that cannot be read is no answer", () => {
    expect(() => egress({ to: "everybody" })).toThrow("is no list");
  });
});

describe("the example fleet", () => {
  let graph: ResourceGraph;
  beforeAll(async () => {
    const inputs = await exampleInputs();
    const resources = [];
    for await (const stack of recordFleet(inputs)) resources.push(...stack.resources);
    graph = graphFromResources(resources, { trustedKeys: inputs.signing.trustedKeys });
  });

  test("lets no tenant reach another, nor an address outside", () => {
    const reached = graph.tenants.flatMap(({ scope: from }) => [
      ...graph.tenants
        .filter(({ scope }) => scope.cluster === from.cluster && scope.tenant !== from.tenant)
        .filter(({ scope: to }) =>
          portsOf(graph).some((port) => tenantReaches(graph, from, to, port)),
        )
        .map(({ id }) => [from, id]),
      ...[...METADATA, "8.8.8.8", "10.0.0.1"]
        .filter((address) =>
          portsOf(graph).some((port) => tenantReaches(graph, from, { address }, port)),
        )
        .map((address) => [from, address]),
    ]);
    expect(reached).toEqual([]);
    expect(graph.tenants.length).toBeGreaterThan(3);
  });

  test("lets pods reach their own tenant's and name resolution, and be scraped and called", () => {
    const [api] = podEnds(graph, { cluster: CLUSTER, tenant: "acme" }).filter(
      ({ labels }) => labels["app.kubernetes.io/name"] === "api",
    );
    const own = podEnds(graph, { cluster: CLUSTER, tenant: "acme" }).filter(
      ({ labels }) => labels["app.kubernetes.io/name"] === "worker",
    );
    const dns = pod("kube-system", { "k8s-app": "kube-dns" });
    const port = (name: string) => api!.namedPorts.find((named) => named.name === name)!.port;
    expect({
      own: canReach(graph, own[0]!, api!, port("http")),
      names: [udp(53), tcp(53), tcp(9153)].map((to) => canReach(graph, api!, dns, to)),
      others: canReach(graph, api!, pod("kube-system"), udp(53)),
      scrape: ["metrics", "http"].map((to) => canReach(graph, PROMETHEUS, api!, port(to))),
      otherScrape: canReach(graph, pod("atom-platform"), api!, port("metrics")),
      calls: canReach(graph, pod("ingress-nginx"), api!, port("http")),
      callsMetrics: canReach(graph, pod("ingress-nginx"), api!, port("metrics")),
    }).toEqual({
      own: true,
      names: [true, true, false],
      others: false,
      scrape: [true, false],
      // The platform's own default-deny lets none of its pods but Prometheus call tenants.
      otherScrape: false,
      calls: true,
      callsMetrics: false,
    });
    expect(allows(graph, "ingress", api!, pod("atom-platform"), port("metrics"))).toBe(true);
  });

  test("lets Prometheus reach the metrics of every pod in its cluster", () => {
    const daemons = podEndsIn(graph, CLUSTER, "atom-platform");
    const tenants = graph.tenants.filter(({ scope }) => scope.cluster === CLUSTER);
    const ends = tenants.flatMap(({ scope }) => podEnds(graph, scope));
    // One end in each tenant's namespace is a pod that bears no label: it stays cut off.
    const labelled = ends.filter(({ labels }) => Object.keys(labels).length > 0);
    const scraped = [...daemons, ...labelled].map((end) => {
      const { port } = end.namedPorts.find(({ name }) => name === "metrics")!;
      return canReach(graph, PROMETHEUS, end, port);
    });
    expect(scraped).toEqual(scraped.map(() => true));
    expect([daemons.length, labelled.length > tenants.length]).toEqual([6, true]);
  });

  test("lets Prometheus reach no namespace beside the platform's and the tenants'", () => {
    const metrics = { name: "metrics", port: tcp(9090) };
    const elsewhere = { ...pod("kube-system"), namedPorts: [metrics] };
    expect(canReach(graph, PROMETHEUS, elsewhere, metrics.port)).toBe(false);
  });
});

describe("random fleets that keep the network rules", () => {
  test("let no tenant reach another, nor metadata, nor another name server", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const graph = graphOf(fleet);
        expect(networkViolations(graph)).toEqual([]);
        for (const from of fleet) {
          const scope = scopeOf(from.name);
          for (const port of portsOf(graph)) {
            for (const { name } of fleet.filter((other) => other !== from)) {
              expect(tenantReaches(graph, scope, scopeOf(name), port)).toBe(false);
              // Nor if a pod claims to be the other's.
              const claim = pod(tenantNamespace(from.name), { "atom.cloud/tenant": name });
              const others = podEnds(graph, scopeOf(name));
              expect(others.some((other) => canReach(graph, claim, other, port))).toBe(false);
            }
            for (const address of METADATA) {
              expect(tenantReaches(graph, scope, { address }, port)).toBe(false);
            }
          }
          expect(tenantReaches(graph, scope, { address: "8.8.8.8" }, udp(53))).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("with one policy changed, open a tenant's side exactly where P1-NET-1 or P1-NET-3 fires", () => {
    let opened = 0;
    fc.assert(
      fc.property(fleets, fc.nat(), changes, (fleet, pick, change) => {
        const [own, other] = [fleet[pick % fleet.length]!, fleet[(pick + 1) % fleet.length]!];
        const graph = graphOf(fleet, own.name, change(own.name, other.name));
        const isOpen = (["ingress", "egress"] as const).some((direction) =>
          fleet
            .filter((one) => one !== own)
            .some((one) => letsThrough(graph, direction, own.name, one.name)),
        );
        const fired = networkViolations(graph)
          .filter(({ rule }) => rule === "P1-NET-1" || rule === "P1-NET-3")
          .map(({ scope }) => scope.tenant);
        expect([...new Set(fired)]).toEqual(isOpen ? [own.name] : []);
        if (isOpen) opened += 1;
      }),
      { numRuns: 300 },
    );
    // A test of nothing but closed fleets would say little.
    expect(opened).toBeGreaterThan(50);
  });

  test("with both sides opened, let the one tenant reach the other", () => {
    fc.assert(
      fc.property(fleets, openPeers, openPeers, (fleet, out, into) => {
        const [a, b] = [fleet[0]!.name, fleet[1]!.name];
        const half = graphOf(fleet, a, added("Egress", out(a, b))(a));
        const whole = new ResourceGraph({
          objects: [
            ...half.objects,
            ...added("Ingress", into(b, a))(b)([]).map((object) => objectNode(object, scopeOf(b))),
          ],
        });
        const reaches = (graph: ResourceGraph) =>
          tenantReaches(graph, scopeOf(a), scopeOf(b), tcp(443));
        expect([reaches(half), reaches(whole)]).toEqual([false, true]);
      }),
      { numRuns: 60 },
    );
  });
});

interface RandomService {
  readonly name: string;
  readonly exposed: boolean;
  readonly port: number;
  readonly egress: readonly { readonly cidr: string; readonly ports: readonly number[] }[];
}

interface RandomTenant {
  readonly name: string;
  readonly services: readonly RandomService[];
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const services: fc.Arbitrary<RandomService> = fc.record({
  name: word,
  exposed: fc.boolean(),
  port: fc.integer({ min: 1024, max: 65535 }),
  egress: fc.array(
    fc.record({
      cidr: fc.constantFrom("10.0.0.0/8", "192.0.2.7/32", "8.8.8.0/24", "2001:db8::/32"),
      ports: fc.uniqueArray(fc.constantFrom(443, 5432, 8443), { minLength: 1 }),
    }),
    { maxLength: 2 },
  ),
});
const fleets: fc.Arbitrary<readonly RandomTenant[]> = fc.uniqueArray(
  fc.record({
    name: word,
    services: fc.uniqueArray(services, { maxLength: 3, selector: ({ name }) => name }),
  }),
  { minLength: 2, maxLength: 4, selector: ({ name }) => name },
);

type Edit = (objects: readonly KubernetesObject[]) => readonly KubernetesObject[];
type Peers = (own: string, other: string) => readonly unknown[] | undefined;

const selecting = (matchLabels: Record<string, string>) => [{ namespaceSelector: { matchLabels } }];
const openPeers = fc.constantFrom<Peers>(
  () => undefined,
  () => [],
  () => [{}],
  () => [{ namespaceSelector: {} }],
  () => [{ ipBlock: { cidr: "0.0.0.0/0" } }],
  () => selecting({ "atom.cloud/role": "tenant" }),
  (_, other) => selecting({ [NAME]: tenantNamespace(other) }),
  (_, other) => selecting({ "atom.cloud/tenant": other }),
);
const closedPeers = fc.constantFrom<Peers>(
  () => [{ podSelector: {} }],
  () => [{ ipBlock: { cidr: "10.0.0.0/8" } }],
  () => selecting({ [NAME]: "atom-platform" }),
  (own) => selecting({ "atom.cloud/tenant": own }),
  (own) => selecting({ [NAME]: tenantNamespace(own) }),
);

/** A policy more, for the tenant's pods. */
const added =
  (type: "Ingress" | "Egress", peers: readonly unknown[] | undefined) =>
  (own: string): Edit =>
  (objects) => {
    const rule = { [type === "Ingress" ? "from" : "to"]: peers, ports: [{ port: 443 }] };
    const spec = {
      podSelector: { matchLabels: { "atom.cloud/tenant": own } },
      policyTypes: [type],
      [type.toLowerCase()]: [rule],
    };
    return [...objects, networkPolicy(tenantNamespace(own), "more", spec), ownPod(own, "more")];
  };

/** The default-deny with other types, or none at all. */
const weakened =
  (policyTypes: readonly string[] | undefined): Edit =>
  (objects) =>
    objects.flatMap((object) => {
      if (object.metadata.name !== "default-deny") return [object];
      const spec = { ...(object["spec"] as object), policyTypes };
      return policyTypes === undefined ? [] : [{ ...object, spec }];
    });

const changes: fc.Arbitrary<(own: string, other: string) => Edit> = fc.oneof(
  fc
    .tuple(fc.constantFrom("Ingress" as const, "Egress" as const), fc.oneof(openPeers, closedPeers))
    .map(
      ([type, peers]) =>
        (own: string, other: string) =>
          added(type, peers(own, other))(own),
    ),
  fc
    .constantFrom(undefined, ["Ingress"], ["Egress"], ["Egress", "Ingress"])
    .map((types) => () => weakened(types)),
);

function graphOf(
  fleet: readonly RandomTenant[],
  changed?: string,
  change: Edit = (objects) => objects,
): ResourceGraph {
  const objects = fleet.flatMap((tenant) => {
    const own = objectsOf(tenant);
    const all = tenant.name === changed ? change(own) : own;
    return all.map((object) => objectNode(object, scopeOf(tenant.name)));
  });
  return new ResourceGraph({ objects });
}

function objectsOf({ name, services: own }: RandomTenant): KubernetesObject[] {
  const { objects } = planTenant({
    name,
    region: "eu-west",
    cluster: CLUSTER,
    quota: { cpu: "8", memory: "16Gi", storage: "100Gi", pods: 40 },
    platformNamespace: "atom-platform",
  });
  return [...objects, ...own.flatMap((service) => serviceObjects(name, service))];
}

function serviceObjects(tenant: string, service: RandomService): KubernetesObject[] {
  const { name, exposed, port, egress } = service;
  const home = tenantNamespace(tenant);
  const policy = networkPolicy(home, `egress-${name}`, {
    podSelector: { matchLabels: { "app.kubernetes.io/name": name } },
    policyTypes: ["Egress"],
    egress: egress.map(({ cidr, ports }) => ({
      to: [{ ipBlock: { cidr } }],
      ports: ports.map((number) => ({ protocol: "TCP", port: number })),
    })),
  });
  const labels = exposed ? { "atom.cloud/exposed": "true" } : {};
  return [ownPod(tenant, name, labels, port), ...(egress.length > 0 ? [policy] : [])];
}

function ownPod(tenant: string, name: string, labels = {}, port = 443): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: tenantNamespace(tenant),
      labels: { "app.kubernetes.io/name": name, "atom.cloud/tenant": tenant, ...labels },
    },
    spec: {
      containers: [
        {
          name,
          ports: [
            { name: "http", containerPort: port },
            { name: "metrics", containerPort: 9090 },
          ],
        },
      ],
    },
  };
}

function networkPolicy(
  home: string,
  name: string,
  spec: Record<string, unknown>,
): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: home },
    spec,
  };
}

function namespace(name: string, labels: Record<string, string>): KubernetesObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function scopeOf(tenant: string) {
  return { cluster: CLUSTER, tenant };
}

function networkViolations(graph: ResourceGraph) {
  return violationsOf(
    graph,
    P1_RULES.filter(({ id }) => id.startsWith("P1-NET-")),
  );
}

/** Whether some pod of a tenant may call (egress), or be called by (ingress), one of another. */
function letsThrough(graph: ResourceGraph, direction: Direction, own: string, other: string) {
  return podEnds(graph, scopeOf(own)).some((mine) =>
    podEnds(graph, scopeOf(other)).some((theirs) =>
      portsOf(graph).some((port) => allows(graph, direction, mine, theirs, port)),
    ),
  );
}

/** The ports that some pod or policy of a graph names, and one that none does. */
function portsOf(graph: ResourceGraph): Port[] {
  const text = JSON.stringify(graph.objects.map(({ object }) => object));
  const named = [...text.matchAll(/"(?:containerPort|port)":(\d+)/g)].map(([, port]) =>
    Number(port),
  );
  return [...new Set([...named, 31_999])].flatMap((port) => [tcp(port), udp(port)]);
}
