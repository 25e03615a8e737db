import { expect, test } from "vitest";

import { p1Rbac2 } from "../../../lib/policy/rules/p1-rbac-2";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { sha256 } from "../../../lib/support/digest";
import { compliantTenant, graphOf } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";
import type { ObjectCase } from "../rule-cases";
import { namespace } from "../small-objects";

const CLUSTER_SCOPED: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "Node"],
  ["v1", "PersistentVolume"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole"],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
  ["storage.k8s.io/v1", "StorageClass"],
  ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
  ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
  ["admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"],
  ["apiregistration.k8s.io/v1", "APIService"],
  ["scheduling.k8s.io/v1", "PriorityClass"],
  ["networking.k8s.io/v1", "IngressClass"],
  ["certificates.k8s.io/v1", "CertificateSigningRequest"],
];

describeObjectCases(p1Rbac2, [
  ...CLUSTER_SCOPED.map(([apiVersion, kind]): ObjectCase => ({
    title: `fails a ${kind}`,
    changes: [{ add: { apiVersion, kind, metadata: { name: "x" } } }],
    findings: [
      {
        object: `${kind} x`,
        field: "kind",
        message: `${kind} is cluster-scoped; allowed is Namespace tenant-acme`,
      },
    ],
  })),
  {
    title: "fails a cluster-scoped kind that claims a namespace",
    changes: [
      {
        add: {
          apiVersion: "v1",
          kind: "PersistentVolume",
          metadata: { name: "x", namespace: "tenant-acme" },
        },
      },
    ],
    findings: [
      {
        object: "PersistentVolume tenant-acme/x",
        field: "kind",
        message: "PersistentVolume is cluster-scoped; allowed is Namespace tenant-acme",
      },
    ],
  },
  {
    title: "fails a kind that nobody knows",
    changes: [
      {
        add: {
          apiVersion: "cilium.io/v2",
          kind: "CiliumIdentity",
          metadata: { name: "x", namespace: "tenant-acme" },
        },
      },
    ],
    findings: [
      {
        object: "CiliumIdentity tenant-acme/x",
        field: "kind",
        message:
          '"cilium.io/CiliumIdentity" is no kind that the rules know, so none has looked into it',
      },
    ],
  },
  {
    title: "fails a known kind of an unknown group",
    changes: [
      {
        add: {
          apiVersion: "example.com/v1",
          kind: "Service",
          metadata: { name: "x", namespace: "tenant-acme" },
        },
      },
    ],
    findings: [
      {
        object: "Service tenant-acme/x",
        field: "kind",
        message: '"example.com/Service" is no kind that the rules know, so none has looked into it',
      },
    ],
  },
]);

test("fails another namespace than the tenant's own", () => {
  const [namespace] = compliantTenant();
  const stolen = { ...namespace!, metadata: { ...namespace!.metadata, name: "kube-system" } };
  const findings = findingsOf(graphOf([...compliantTenant(), stolen], "acme"));
  expect(
    findings
      .filter(({ rule }) => rule === "P1-RBAC-2")
      .map(({ object, message }) => [object, message]),
  ).toEqual([["Namespace kube-system", "is another namespace; allowed is tenant-acme"]]);
});

test("passes the same kinds in the platform's stack", () => {
  const objects = CLUSTER_SCOPED.map(([apiVersion, kind]) => ({
    apiVersion,
    kind,
    metadata: { name: "x" },
  }));
  expect(findingsOf(graphOf(objects))).toEqual([]);
});

test("S6 an unknown kind, version or name is no pass", () => {
  for (const [field, index] of [
    ["kind", 9],
    ["apiVersion", 9],
    ["metadata", 0],
  ] as const) {
    const objects = compliantTenant();
    (objects[index] as Record<string, unknown>)[field] = UNKNOWN;
    const own = findingsOf(graphOf(objects, "acme")).filter(({ rule }) => rule === "P1-RBAC-2");
    expect(own.map(({ cause, field: at }) => [cause, at])).toEqual([["undecided", field]]);
  }
});

test("fails what is no object at all, and still looks at the rest", () => {
  const bad = [null, "x", [], 7].map((value) => value as never);
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "x" } };
  const own = findingsOf(graphOf([...bad, node], "acme")).filter(
    ({ rule }) => rule === "P1-RBAC-2",
  );
  expect(own.map(({ object, cause }) => [object, cause])).toEqual([
    ["? ?", "undecided"],
    ["? ?", "undecided"],
    ["? ?", "undecided"],
    ["? ?", "undecided"],
    ["Node x", "violation"],
  ]);
});

test.each([
  ["acme", "tenant-acme", true],
  // What P5-4 asks of an id that is no label.
  ["a.b", `tenant-a-b-${sha256("a.b").slice("sha256:".length, "sha256:".length + 8)}`, true],
  ["a.b", `tenant-a-b-${sha256("a-b").slice("sha256:".length, "sha256:".length + 8)}`, false],
  ["a.b", `kube-${sha256("a.b").slice("sha256:".length, "sha256:".length + 8)}`, false],
])("the namespace of %s may be called %s: %s", (id, name, isAllowed) => {
  const own = namespace(name, { "atom.cloud/role": "tenant", "atom.cloud/tenant": id });
  const findings = findingsOf(graphOf([own], id)).filter(({ rule }) => rule === "P1-RBAC-2");
  expect(findings.map(({ field }) => field)).toEqual(isAllowed ? [] : ["metadata.name"]);
});
