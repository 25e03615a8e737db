import { expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { objectNode } from "../../../lib/policy/graph/graph";
import { p1Rbac3 } from "../../../lib/policy/rules/p1-rbac-3";
import { p1Rbac6 } from "../../../lib/policy/rules/p1-rbac-6";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { changed, set } from "../change";
import { compliantTenant, graphOf, scopeOfTenant } from "../compliant-objects";
import { describeObjectCases, findingsOf } from "../rule-cases";

const ROLE = "Role tenant-acme/operator";
const BINDING = "RoleBinding tenant-acme/operator";

const rule = (resource: string, verbs: readonly string[]) => [
  set(ROLE, ["rules", 1], { apiGroups: [""], resources: ["pods", resource], verbs }),
];
const changes = (message: string) => [{ object: ROLE, field: "rules[1].resources[1]", message }];

describeObjectCases(p1Rbac6, [
  {
    title: "passes a look at the boundary",
    changes: rule("networkpolicies", ["get", "list", "watch"]),
    findings: [],
  },
  {
    title: "passes writes to what is inside it",
    changes: rule("configmaps", ["create", "update", "patch", "delete"]),
    findings: [],
  },
  { title: "passes a name of every object", changes: rule("constructor", ["patch"]), findings: [] },
  ...[
    ["namespaces", "the Pod Security profile"],
    ["namespaces/finalize", "the Pod Security profile"],
    ["resourcequotas", "the quota"],
    ["resourcequotas/status", "the quota"],
    ["limitranges", "the limits"],
    ["networkpolicies", "the network boundary"],
    ["ciliumnetworkpolicies", "the network boundary"],
    ["rolebindings", "who may do what"],
    ["endpoints", "where traffic goes"],
    ["endpointslices", "where traffic goes"],
  ].map(([resource, what]) => ({
    title: `fails a patch of ${resource}`,
    changes: rule(resource!, ["get", "patch"]),
    findings: changes(`patch of "${resource}" changes ${what}`),
  })),
  ...["create", "update", "delete", "deletecollection"].map((verb) => ({
    title: `fails a ${verb}`,
    changes: rule("rolebindings", [verb]),
    findings: changes(`${verb} of "rolebindings" changes who may do what`),
  })),
  {
    title: "fails the second rule behind one that cannot be read",
    changes: [
      set(ROLE, ["rules", 0], { resources: "all", verbs: ["patch"] }),
      ...rule("limitranges", ["patch"]),
    ],
    findings: [
      ...changes('patch of "limitranges" changes the limits'),
      ...[p1Rbac3, p1Rbac6].map((other) => ({
        rule: other,
        object: ROLE,
        field: "rules[0].resources",
        message: "cannot be decided: it is no list",
        cause: "undecided" as const,
      })),
    ],
  },
]);

/** What the rule says where the tenant is bound to a ClusterRole of the platform. */
function boundTo(more: Record<string, unknown>, name = "tenant-writer") {
  const role = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name },
    ...more,
  } as KubernetesObject;
  const objects = changed(compliantTenant(), [
    set(BINDING, ["roleRef"], { kind: "ClusterRole", name }),
  ]);
  const platform = [objectNode(role, scopeOfTenant())];
  return findingsOf(graphOf(objects, "acme", { objects: platform }))
    .filter(({ rule: id }) => id === "P1-RBAC-6")
    .map(({ object, field, message, cause }) => [object, field, message, cause]);
}
const writes = (resource: string) => ({ apiGroups: [""], resources: [resource], verbs: ["patch"] });

test("P1-RBAC-6 passes a ClusterRole that writes what is the tenant's", () => {
  expect(boundTo({ rules: [writes("configmaps")] })).toEqual([]);
});

test("P1-RBAC-6 passes Kubernetes' own view, though a live cluster's gathers its rights by label", () => {
  expect(boundTo({ aggregationRule: { clusterRoleSelectors: [] } }, "view")).toEqual([]);
});

test("P1-RBAC-6 fails view where a label adds a write of the boundary to it", () => {
  const labels = { "rbac.authorization.k8s.io/aggregate-to-view": "true" };
  const addon = { metadata: { name: "addon", labels }, rules: [writes("namespaces")] };
  expect(boundTo(addon, "view")).toEqual([
    [
      BINDING,
      "roleRef.name",
      'ClusterRole addon, which ClusterRole view gathers, at rules[0].resources[0]: patch of "namespaces" changes the Pod Security profile',
      "violation",
    ],
  ]);
});

test("P1-RBAC-6 fails a ClusterRole that writes namespaces, where a tenant is bound to it", () => {
  expect(boundTo({ rules: [writes("configmaps"), writes("namespaces")] })).toEqual([
    [
      BINDING,
      "roleRef.name",
      'ClusterRole tenant-writer at rules[1].resources[0]: patch of "namespaces" changes the Pod Security profile',
      "violation",
    ],
  ]);
});

test("P1-RBAC-6 fails wildcards", () => {
  expect(boundTo({ rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] })).toEqual([
    [
      BINDING,
      "roleRef.name",
      `ClusterRole tenant-writer at rules[0].resources[0]: * of "*" changes the tenant's whole boundary`,
      "violation",
    ],
  ]);
});

test("S6 P1-RBAC-6 fails a ClusterRole whose rules are not known", () => {
  expect(boundTo({ rules: UNKNOWN })).toEqual([
    [
      BINDING,
      "",
      "cannot be decided: rules of ClusterRole tenant-writer is not known",
      "undecided",
    ],
  ]);
});
