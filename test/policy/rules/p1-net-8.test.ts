import { expect, test } from "vitest";

import { expandList } from "../../../lib/kubernetes/expand-list";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { objectNode } from "../../../lib/policy/graph/graph";
import { p1Net8 } from "../../../lib/policy/rules/p1-net-8";
import { p1Rbac2 } from "../../../lib/policy/rules/p1-rbac-2";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";
import type { ObjectCase } from "../rule-cases";

const NAMESPACED = [
  ["crd.projectcalico.org/v1", "NetworkPolicy"],
  ["projectcalico.org/v3", "NetworkPolicy"],
  ["extensions/v1beta1", "NetworkPolicy"],
  ["cilium.io/v2", "CiliumNetworkPolicy"],
  ["cilium.io/v2", "CiliumLocalRedirectPolicy"],
  ["k8s.ovn.org/v1", "EgressFirewall"],
] as const;
const CLUSTER_WIDE = [
  ["cilium.io/v2", "CiliumClusterwideNetworkPolicy"],
  ["cilium.io/v2", "CiliumEgressGatewayPolicy"],
  ["crd.projectcalico.org/v1", "GlobalNetworkPolicy"],
  ["crd.antrea.io/v1beta1", "ClusterNetworkPolicy"],
  ["policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"],
  ["policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"],
  ["k8s.ovn.org/v1", "AdminPolicyBasedExternalRoute"],
] as const;

function policy(apiVersion: string, kind: string, namespace?: string): KubernetesObject {
  const metadata = namespace === undefined ? { name: "x" } : { name: "x", namespace };
  return { apiVersion, kind, metadata, spec: {} };
}

const name = (apiVersion: string, kind: string) => `"${apiVersion.split("/")[0]}/${kind}"`;

describeObjectCases(p1Net8, [
  { title: "passes the compliant tenant", changes: [], findings: [] },
  ...NAMESPACED.map(([apiVersion, kind]): ObjectCase => ({
    title: `fails ${apiVersion} ${kind} in a tenant's stack`,
    changes: [{ add: policy(apiVersion, kind, "tenant-acme") }],
    findings: [
      {
        object: `${kind} tenant-acme/x`,
        field: "kind",
        message: `${name(apiVersion, kind)} allows and denies what no rule reads`,
      },
      {
        rule: p1Rbac2,
        object: `${kind} tenant-acme/x`,
        field: "kind",
        message: `${name(apiVersion, kind)} is no kind that the rules know, so none has looked into it`,
      },
    ],
  })),
]);

function fromPlatform(...items: readonly KubernetesObject[]) {
  const list = { apiVersion: "v1", kind: "List", metadata: { name: "" }, items };
  const objects = expandList(list).map((object) => objectNode(object, scopeOfTenant()));
  return findingsOf(graphOf(compliantTenant(), "acme", { objects }));
}

test.each(NAMESPACED)("fails %s %s that the platform puts into a tenant's namespace", (...of) => {
  expect(fromPlatform(policy(...of, "tenant-acme"), policy(...of, "atom-platform"))).toMatchObject([
    { rule: "P1-NET-8", object: `${of[1]} tenant-acme/x` },
  ]);
});

test.each(CLUSTER_WIDE)("fails %s %s, which acts on every namespace", (...of) => {
  expect(fromPlatform(policy(...of))).toMatchObject([
    {
      rule: "P1-NET-8",
      cause: "violation",
      scope: { cluster: "eu-prod" },
      object: `${of[1]} x`,
      field: "kind",
      message: `${name(...of)} allows and denies what no rule reads`,
    },
  ]);
});

test("S6 a group that is not known yet is no pass", () => {
  const unknown = { ...policy("x/v1", "NetworkPolicy", "tenant-acme"), apiVersion: UNKNOWN };
  expect(
    evaluate(graphOf([unknown as never], "acme"), [p1Net8]).flatMap(({ findings }) => findings),
  ).toMatchObject([{ cause: "undecided", field: "apiVersion" }]);
});
