import { expect, test } from "vitest";

import { objectNode } from "../../../lib/policy/graph/graph";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { p1Net2 } from "../../../lib/policy/rules/p1-net-2";
import { p1Net7 } from "../../../lib/policy/rules/p1-net-7";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { changed, set } from "../change";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";

const DNS = "NetworkPolicy tenant-acme/allow-dns";
const SELECTOR = ["spec", "podSelector"];
const everyPod = [
  {
    object: DNS,
    field: "spec.podSelector",
    message: 'selects every pod, in a policy named "allow-dns"; allowed is default-deny',
  },
];

describeObjectCases(p1Net2, [
  { title: "passes the compliant tenant", changes: [], findings: [] },
  {
    title: "passes a selector of expressions only",
    changes: [
      set(DNS, SELECTOR, {
        matchExpressions: [{ key: "atom.cloud/tenant", operator: "In", values: ["acme"] }],
      }),
    ],
    findings: [],
  },
  {
    title: "fails an allowance for every pod",
    changes: [set(DNS, SELECTOR, {})],
    findings: everyPod,
  },
  {
    title: "fails labels and expressions that are written out and empty",
    changes: [set(DNS, SELECTOR, { matchLabels: {}, matchExpressions: null })],
    findings: everyPod,
  },
  {
    title: "fails where the selector is left out",
    changes: [set(DNS, SELECTOR, undefined)],
    findings: everyPod,
  },
  {
    title: "fails, undecided, what is no selector",
    changes: [
      set(DNS, SELECTOR, { matchExpressions: [{ key: "app", operator: "Is", values: ["x"] }] }),
    ],
    findings: [p1Net2, p1Net7].map((rule) => ({
      rule,
      object: DNS,
      field: "spec.podSelector",
      message:
        'cannot be decided: it is no label selector: operator is "Is"; use In, NotIn, Exists or DoesNotExist',
      cause: "undecided",
    })),
  },
]);

const open = changed(compliantTenant(), [set(DNS, SELECTOR, {})]);
const dns = open.find(({ metadata }) => metadata.name === "allow-dns")!;

test("fails a policy that the platform puts into a tenant's namespace, and no policy of its own", () => {
  const elsewhere = { ...dns, metadata: { name: "allow-dns", namespace: "atom-platform" } };
  const objects = [dns, elsewhere].map((object) => objectNode(object, scopeOfTenant()));
  const tenant = compliantTenant().filter(({ metadata }) => metadata.name !== "allow-dns");
  expect(
    findingsOf(graphOf(tenant, "acme", { objects })).map(({ rule, object }) => [rule, object]),
  ).toEqual([["P1-NET-2", DNS]]);
});

test("S6 a name that is not known yet is no pass", () => {
  const unknown = { ...dns, metadata: { name: UNKNOWN, namespace: "tenant-acme" } } as never;
  expect(
    evaluate(graphOf([unknown], "acme"), [p1Net2]).flatMap(({ findings }) => findings),
  ).toMatchObject([{ cause: "undecided", field: "metadata.name" }]);
});
