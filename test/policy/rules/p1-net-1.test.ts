import { expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { p1Net1 } from "../../../lib/policy/rules/p1-net-1";
import { p1Net2 } from "../../../lib/policy/rules/p1-net-2";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { changed, set } from "../change";
import { compliantTenant, graphOf } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";

const DENY = "NetworkPolicy tenant-acme/default-deny";
const OPEN = [
  {
    object: "Namespace tenant-acme",
    field: "",
    message: "no NetworkPolicy denies all ingress and egress of every pod",
  },
];

/** A default-deny that a test may move elsewhere. */
function denial(change: (policy: Record<string, unknown>) => void): KubernetesObject {
  const found = compliantTenant().find(({ metadata }) => metadata.name === "default-deny")!;
  const copy = { ...found, metadata: { ...found.metadata, name: "another" } };
  change(copy);
  return copy;
}

describeObjectCases(p1Net1, [
  { title: "passes the compliant tenant", changes: [], findings: [] },
  {
    title: "passes a selector, rules and labels that are written out and empty",
    changes: [
      set(DENY, ["spec", "podSelector"], { matchLabels: {}, matchExpressions: [] }),
      set(DENY, ["spec", "ingress"], []),
      set(DENY, ["spec", "egress"], null),
    ],
    findings: [],
  },
  {
    title: "passes another name, which another rule has a say in",
    changes: [{ remove: DENY }, { add: denial(() => undefined) }],
    findings: [
      {
        rule: p1Net2,
        object: "NetworkPolicy tenant-acme/another",
        field: "spec.podSelector",
        message: 'selects every pod, in a policy named "another"; allowed is default-deny',
      },
    ],
  },
  { title: "fails without the policy", changes: [{ remove: DENY }], findings: OPEN },
  {
    title: "fails where the types are left out: egress stays open",
    changes: [set(DENY, ["spec", "policyTypes"], undefined)],
    findings: OPEN,
  },
  {
    title: "fails without Ingress",
    changes: [set(DENY, ["spec", "policyTypes"], ["Egress"])],
    findings: OPEN,
  },
  {
    title: "fails without Egress",
    changes: [set(DENY, ["spec", "policyTypes", 1], "ingress")],
    findings: OPEN,
  },
  {
    title: "fails a selector with labels",
    changes: [set(DENY, ["spec", "podSelector", "matchLabels", "app"], "api")],
    findings: OPEN,
  },
  {
    title: "fails a selector with an expression",
    changes: [
      set(DENY, ["spec", "podSelector", "matchExpressions", 0], { key: "app", operator: "Exists" }),
    ],
    findings: OPEN,
  },
  {
    title: "fails without a selector",
    changes: [set(DENY, ["spec", "podSelector"], undefined)],
    findings: OPEN,
  },
  {
    title: "fails a policy with a rule of its own",
    changes: [set(DENY, ["spec", "egress"], [{ to: [{ podSelector: {} }] }])],
    findings: OPEN,
  },
  {
    title: "fails where the policy denies in another namespace",
    changes: [set(DENY, ["metadata", "namespace"], "tenant-acme2")],
    findings: OPEN,
  },
]);

test("fails where a policy of another API group has the right form", () => {
  const objects = changed(compliantTenant(), [
    set(DENY, ["apiVersion"], "crd.projectcalico.org/v1"),
  ]);
  const rules = findingsOf(graphOf(objects, "acme")).map(({ rule, message }) => [rule, message]);
  expect(rules).toEqual([
    ["P1-NET-1", "no NetworkPolicy denies all ingress and egress of every pod"],
    ["P1-NET-8", '"crd.projectcalico.org/NetworkPolicy" allows and denies what no rule reads'],
    [
      "P1-RBAC-2",
      '"crd.projectcalico.org/NetworkPolicy" is no kind that the rules know, so none has looked into it',
    ],
  ]);
});

test("S6 an unknown in one policy does not undo another that denies", () => {
  const spare = denial((policy) => (policy["spec"] = UNKNOWN));
  const objects = [...compliantTenant(), spare];
  expect(findingsOf(graphOf(objects, "acme")).filter(({ rule }) => rule === "P1-NET-1")).toEqual(
    [],
  );
});
