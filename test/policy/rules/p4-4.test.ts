import { describe, expect, test } from "vitest";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p4Rule4 } from "../../../lib/policy/rules/p4-4";
import { ACME, PLATFORM } from "../compliant-facts";
import { expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, deployment, graphWith } from "../small-objects";

const platform = { matchLabels: { "kubernetes.io/metadata.name": "atom-platform" } };
const FROM_PLATFORM = { from: [{ namespaceSelector: platform }] };

type Spec = Readonly<Record<string, unknown>>;

const DENY: Spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
const admit = (ingress: unknown, podSelector: unknown = {}): Spec => {
  return { podSelector, policyTypes: ["Ingress"], ingress: [ingress] };
};

/** The tenant's network policies; its other daemon, the StatefulSet, is taken away. */
function withPolicies(...specs: readonly unknown[]) {
  return graphWith((content) => {
    content.objects = [
      ...content.objects.filter((_, index) => index !== AT.statefulSet),
      ...specs.map((spec, index) => {
        const metadata = { name: `policy-${index}`, namespace: "tenant-acme" };
        const apiVersion = "networking.k8s.io/v1";
        return objectNode({ apiVersion, kind: "NetworkPolicy", metadata, spec }, ACME);
      }),
    ];
  });
}

const BLOCKED = {
  object: "Deployment tenant-acme/api",
  field: "spec.template",
  message: "no NetworkPolicy admits a scrape of port 9090 from the platform's namespace",
};

describe("P4-4", () => {
  test("looks at each daemon", () => {
    expectPass(p4Rule4, [{ scope: ACME, examined: 2 }]);
  });

  test.each<[string, Spec]>([
    ["the platform's namespace", admit(FROM_PLATFORM)],
    ["its port by number", admit({ ...FROM_PLATFORM, ports: [{ port: 9090 }] })],
    ["its port by name", admit({ ...FROM_PLATFORM, ports: [{ port: "metrics" }] })],
    ["a range of ports", admit({ ...FROM_PLATFORM, ports: [{ port: 9000, endPort: 9100 }] })],
    ["everybody", admit({})],
    [
      "its role",
      admit({ from: [{ namespaceSelector: { matchLabels: { "atom.cloud/role": "platform" } } }] }),
    ],
    [
      "some pods there",
      admit({
        from: [
          { namespaceSelector: platform, podSelector: { matchLabels: { app: "prometheus" } } },
        ],
      }),
    ],
    [
      "a namespace called monitoring",
      admit({
        from: [
          { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } },
        ],
      }),
    ],
    [
      "one of two",
      admit(
        { from: [{ ipBlock: { cidr: "10.0.0.0/8" } }, FROM_PLATFORM.from[0]] },
        { matchLabels: { app: "api" } },
      ),
    ],
  ])("takes a policy that admits %s", (_, policy) => {
    expect(findingsOf(withPolicies(DENY, policy), p4Rule4)).toEqual([]);
  });

  test.each<[string, readonly unknown[]]>([
    ["is missing", [DENY]],
    ["is of another pod", [DENY, admit(FROM_PLATFORM, { matchLabels: { app: "other" } })]],
    ["admits another port", [DENY, admit({ ...FROM_PLATFORM, ports: [{ port: 9091 }] })]],
    [
      "admits another protocol",
      [DENY, admit({ ...FROM_PLATFORM, ports: [{ protocol: "UDP", port: 9090 }] })],
    ],
    [
      "admits a port that no container names",
      [DENY, admit({ ...FROM_PLATFORM, ports: [{ port: "web" }] })],
    ],
    ["admits the tenant only", [DENY, admit({ from: [{ podSelector: {} }] })]],
    ["admits addresses only", [DENY, admit({ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] })]],
    ["is about egress", [DENY, { ...admit(FROM_PLATFORM), policyTypes: ["Egress"] }]],
    ["shuts off by default", [{ podSelector: { matchLabels: { app: "api" } } }]],
  ])("fails where the policy %s", (_, policies) => {
    expect(findingsOf(withPolicies(...policies), p4Rule4)).toMatchObject([BLOCKED]);
  });

  test.each<[string, readonly unknown[]]>([
    ["none", []],
    ["one of egress", [{ podSelector: {}, policyTypes: ["Egress"] }]],
    ["one of other pods", [{ podSelector: { matchLabels: { app: "other" } } }]],
  ])("takes a pod that is not shut off: policies are %s", (_, policies) => {
    expect(findingsOf(withPolicies(...policies), p4Rule4)).toEqual([]);
  });

  test("looks at the platform's own daemons, which are scraped from beside", () => {
    const graph = (podSelector: unknown) =>
      graphWith(({ objects }) => {
        const metadata = { name: "x", namespace: "atom-platform" };
        const spec = admit({ from: [{ podSelector }] });
        const policy = {
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          metadata,
          spec,
        };
        objects.push(objectNode(policy, PLATFORM));
        objects.push(objectNode(deployment("mirror", "atom-platform"), PLATFORM));
      });
    expect(findingsOf(graph({}), p4Rule4)).toEqual([]);
    expect(findingsOf(graph(undefined), p4Rule4)).toMatchObject([
      { ...BLOCKED, object: "Deployment atom-platform/mirror", scope: PLATFORM },
    ]);
  });

  test.each([UNKNOWN, ...HOSTILE.filter((value) => !isEmpty(value))])(
    "S6 fails where the only policy that may admit has the spec %s",
    (spec) => {
      const findings = findingsOf(withPolicies(DENY, spec), p4Rule4);
      expect(findings).toMatchObject([{ object: BLOCKED.object, cause: "undecided" }]);
      expect(findingsOf(withPolicies(DENY, spec, admit(FROM_PLATFORM)), p4Rule4)).toEqual([]);
    },
  );
});

/** What Kubernetes reads as no spec at all: it selects every pod and admits nothing. */
function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === "object" && !Array.isArray(value));
}
