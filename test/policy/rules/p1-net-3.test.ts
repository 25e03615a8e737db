import { describe, expect, test } from "vitest";

import { evaluate } from "../../../lib/policy/evaluation/evaluate";

import { objectNode } from "../../../lib/policy/graph/graph";
import { p1Net3 } from "../../../lib/policy/rules/p1-net-3";
import { p1Net4 } from "../../../lib/policy/rules/p1-net-4";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { changed, set } from "../change";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";

const DNS = "NetworkPolicy tenant-acme/allow-dns";
const NAME = "kubernetes.io/metadata.name";
const TO = ["spec", "egress", 0, "to"];
const PEER = [...TO, 0];
/** Not for names, which P1-NET-4 has something to say on. */
const PORTS = set(DNS, ["spec", "egress", 0, "ports"], [{ protocol: "TCP", port: 443 }]);

const found = (field: string, message: string) => [{ object: DNS, field, message }];
const peer = (title: string, value: unknown, field: string, message: string) => ({
  title,
  changes: [set(DNS, PEER, value), PORTS],
  findings: found(field, message),
});
const selector = (title: string, namespaceSelector: unknown, message: string) =>
  peer(title, { namespaceSelector }, "spec.egress[0].to[0].namespaceSelector", message);
const EVERYBODY = "names no peer, which allows every peer";
const ANY = "selects the namespace of any other tenant";

describeObjectCases(p1Net3, [
  { title: "passes the compliant tenant", changes: [], findings: [] },
  {
    title: "passes own pods, an address block, the world but for some, and the platform",
    changes: [
      set(DNS, TO, [
        { podSelector: {} },
        { ipBlock: { cidr: "10.1.0.0/16" } },
        { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } },
        { namespaceSelector: { matchLabels: { [NAME]: "atom-platform" } } },
        {
          namespaceSelector: {
            matchExpressions: [
              { key: NAME, operator: "In", values: ["tenant-acme", "monitoring"] },
            ],
          },
        },
      ]),
      PORTS,
    ],
    findings: [],
  },
  {
    title: "fails an egress rule without peers",
    changes: [set(DNS, TO, undefined)],
    findings: found("spec.egress[0].to", EVERYBODY),
  },
  {
    title: "fails an egress rule with an empty list of peers",
    changes: [set(DNS, TO, [])],
    findings: found("spec.egress[0].to", EVERYBODY),
  },
  {
    title: "fails an ingress rule that says nothing",
    changes: [set(DNS, ["spec", "ingress"], [{}])],
    findings: found("spec.ingress[0].from", EVERYBODY),
  },
  peer("fails an empty peer", {}, "spec.egress[0].to[0]", "is empty, which allows every peer"),
  ...["0.0.0.0/0", "::/0", "10.0.0.0/0", "0:0::0/00"].map((cidr) =>
    peer(
      `fails ${cidr}`,
      { ipBlock: { cidr } },
      "spec.egress[0].to[0].ipBlock.cidr",
      `"${cidr}" without except allows every address`,
    ),
  ),
  peer(
    "fails an empty except",
    { ipBlock: { cidr: "0.0.0.0/0", except: [] } },
    "spec.egress[0].to[0].ipBlock.cidr",
    '"0.0.0.0/0" without except allows every address',
  ),
  ...["everything", "010.0.0.0/8", "10.0.0.0/33", "10.0.0.0", "fe80::1%eth0/64"].map((cidr) =>
    peer(
      `fails ${cidr}, which is no block`,
      { ipBlock: { cidr } },
      "spec.egress[0].to[0].ipBlock.cidr",
      `"${cidr}" is no CIDR block`,
    ),
  ),
  selector("fails an empty namespace selector", {}, "is empty, which selects every namespace"),
  peer(
    "fails an empty namespace selector with a pod selector beside it",
    { namespaceSelector: { matchLabels: {} }, podSelector: { matchLabels: { app: "dns" } } },
    "spec.egress[0].to[0].namespaceSelector",
    "is empty, which selects every namespace",
  ),
  selector("fails every tenant", { matchLabels: { "atom.cloud/role": "tenant" } }, ANY),
  selector(
    "fails everything but one",
    { matchExpressions: [{ key: NAME, operator: "NotIn", values: ["kube-system"] }] },
    ANY,
  ),
  selector(
    "fails everything that has a name",
    { matchExpressions: [{ key: NAME, operator: "Exists" }] },
    ANY,
  ),
  selector(
    "fails everything without a label",
    { matchExpressions: [{ key: "team", operator: "DoesNotExist" }] },
    ANY,
  ),
  {
    title: "fails an operator that does not exist",
    changes: [
      set(DNS, [...PEER, "namespaceSelector"], {
        matchExpressions: [{ key: NAME, operator: "Is", values: ["x"] }],
      }),
    ],
    findings: [
      ...found(
        "spec.egress[0].to[0].namespaceSelector",
        'operator is "Is"; use In, NotIn, Exists or DoesNotExist',
      ),
      {
        rule: p1Net4,
        object: DNS,
        field: "spec.egress[0].to[0].namespaceSelector",
        message:
          'cannot be decided: it is no label selector: operator is "Is"; use In, NotIn, Exists or DoesNotExist',
        cause: "undecided",
      },
    ],
  },
  {
    title: "fails a null among the rules, which Kubernetes reads as an open one",
    changes: [set(DNS, ["spec", "egress", 0], null)],
    findings: [p1Net3, p1Net4].map((rule) => ({
      rule,
      object: DNS,
      field: "spec.egress[0]",
      message: "cannot be decided: it is no object",
      cause: "undecided",
    })),
  },
]);

describe("P1-NET-3 between tenants", () => {
  const other = compliantTenant("globex").map((o) => objectNode(o, scopeOfTenant("globex")));
  const both = (namespaceSelector: unknown, changeOther: ReturnType<typeof set>[] = []) => {
    const acme = changed(compliantTenant(), [set(DNS, PEER, { namespaceSelector }), PORTS]);
    const globex = changed(
      other.map(({ object }) => object),
      changeOther,
    ).map((object) => objectNode(object, scopeOfTenant("globex")));
    return findingsOf(graphOf(acme, "acme", { objects: globex })).map(
      ({ object, field, message, cause }) => [object, field, message, cause],
    );
  };
  const at = "spec.egress[0].to[0].namespaceSelector";

  test("fails a selector on the other tenant's name", () => {
    expect(both({ matchLabels: { [NAME]: "tenant-globex" } })).toEqual([
      [DNS, at, "selects namespace tenant-globex of another tenant", "violation"],
    ]);
  });

  test.each([
    { matchLabels: { [NAME]: "tenant-initech" } },
    { matchLabels: { "atom.cloud/tenant": "initech" } },
    {
      matchExpressions: [{ key: NAME, operator: "In", values: ["kube-system", "tenant-initech"] }],
    },
  ])("fails a selector that names a tenant of another stack: %j", (selected) => {
    expect(both(selected)).toEqual([
      [DNS, at, 'selects the namespace of tenant "initech"', "violation"],
    ]);
  });

  test.each(["from", "to"])("fails blocks that hold every address together, in %s", (peers) => {
    const blocks = ["0.0.0.0/1", "128.0.0.0/1"].map((cidr) => ({ ipBlock: { cidr } }));
    const direction = peers === "from" ? "ingress" : "egress";
    const port = { port: 443, protocol: "TCP" };
    const rule = set(DNS, ["spec", direction], [{ [peers]: blocks, ports: [port] }]);
    const graph = graphOf(changed(compliantTenant(), [rule]), "acme");
    const findings = evaluate(graph, [p1Net3]).flatMap((result) => result.findings);
    expect(findings.map(({ field, message }) => [field, message])).toEqual([
      [`spec.${direction}[0].${peers}`, "has blocks that hold every address"],
    ]);
  });

  test("fails a selector on a label that only the other tenant bears", () => {
    const team = set("Namespace tenant-globex", ["metadata", "labels", "team"], "blue");
    expect(both({ matchLabels: { team: "blue" } }, [team])).toEqual([
      [DNS, at, "selects namespace tenant-globex of another tenant", "violation"],
    ]);
    expect(both({ matchLabels: { team: "red" } }, [team])).toEqual([]);
  });

  test("passes a namespace name that a tenant only claims by a label", () => {
    const claim = set("Namespace tenant-globex", ["metadata", "labels", NAME], "monitoring");
    expect(both({ matchLabels: { [NAME]: "monitoring" } }, [claim])).toEqual([]);
  });

  test("S6 another tenant's unknown labels leave a selector on them undecided", () => {
    const team = set("Namespace tenant-globex", ["metadata", "labels", "team"], null);
    const objects = changed(compliantTenant("globex"), [team]);
    (objects[0]!.metadata.labels as Record<string, unknown>)["team"] = UNKNOWN;
    const acme = changed(compliantTenant(), [
      set(DNS, PEER, { namespaceSelector: { matchLabels: { team: "blue" } } }),
      PORTS,
    ]);
    const nodes = objects.map((object) => objectNode(object, scopeOfTenant("globex")));
    const findings = findingsOf(graphOf(acme, "acme", { objects: nodes }));
    expect(findings.map(({ rule, message }) => [rule, message])).toEqual([
      ["P1-NET-3", "cannot be decided: labels of Namespace tenant-globex are not known"],
    ]);
  });

  test("fails a policy that the platform puts into a tenant's namespace", () => {
    const [policy] = changed(compliantTenant(), [set(DNS, TO, undefined)]).filter(
      ({ metadata }) => metadata.name === "allow-dns",
    );
    const objects = [objectNode(policy!, scopeOfTenant())];
    const findings = findingsOf(graphOf(compliantTenant(), "acme", { objects }));
    expect(findings.map(({ rule, scope, field }) => [rule, scope, field])).toEqual([
      ["P1-NET-3", { cluster: "eu-prod" }, "spec.egress[0].to"],
    ]);
  });

  test("passes the platform's own policies", () => {
    const open = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "open", namespace: "atom-platform" },
      spec: { podSelector: {}, egress: [{}] },
    };
    expect(findingsOf(graphOf([open]))).toEqual([]);
  });
});
