import { describe, expect, test } from "vitest";

import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { objectNode, ResourceGraph } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { compliantTenant, graphOf } from "../compliant-objects";

const idOf = (object: unknown) => objectNode(object as KubernetesObject, { cluster: "eu-prod" }).id;

describe("objectNode", () => {
  test.each<[string, unknown]>([
    ["Deployment acme/api", { kind: "Deployment", metadata: { name: "api", namespace: "acme" } }],
    ["Namespace acme", { kind: "Namespace", metadata: { name: "acme", namespace: null } }],
    ["ClusterRole system:node", { kind: "ClusterRole", metadata: { name: "system:node" } }],
    [
      "RoleBinding acme/admin:alice@corp.example",
      { kind: "RoleBinding", metadata: { name: "admin:alice@corp.example", namespace: "acme" } },
    ],
    [`Role ${"x".repeat(253)}`, { kind: "Role", metadata: { name: "x".repeat(253) } }],
    ["Pod ?", { kind: "Pod", metadata: null }],
    ["Pod ?", { kind: "Pod" }],
    ["Pod ?/api", { kind: "Pod", metadata: { name: "api", namespace: UNKNOWN } }],
    ["? api", { kind: UNKNOWN, metadata: { name: "api" } }],
    ["? ?", null],
    ["? ?", "x"],
    ["? ?", [1]],
    ['Pod "a\\nb"', { kind: "Pod", metadata: { name: "a\nb" } }],
    ["Pod ?", { kind: "Pod", metadata: { name: { toString: 1 } } }],
  ])("calls it %s", (id, object) => {
    expect(idOf(object)).toBe(id);
  });
});

describe("ResourceGraph", () => {
  const graph = graphOf(compliantTenant(), "acme");
  const ids = (nodes: readonly { readonly id: string }[]) => nodes.map(({ id }) => id);

  test("finds objects by kind", () => {
    expect(ids(graph.ofKind("Role"))).toEqual(["Role tenant-acme/operator"]);
  });

  test("takes in what is no object, so that the rules can report it", () => {
    const bad = [null, 7, [], {}, { kind: 1, metadata: { namespace: 2 } }];
    const nodes = bad.map((object) => objectNode(object as never, { cluster: "eu-prod" }));
    expect(new ResourceGraph({ objects: nodes }).objects).toHaveLength(5);
  });

  test("everything that is left out is empty", () => {
    const { clusters, tenants, objects, charts, playbooks, releases } = new ResourceGraph({});
    expect([clusters, tenants, objects, charts, playbooks, releases]).toEqual([
      [],
      [],
      [],
      [],
      [],
      [],
    ]);
  });
});
