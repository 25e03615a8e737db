import { expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { graphFromManifests } from "../../../lib/policy/graph/graph-from-manifests";
import { safeObjectId } from "../../../lib/policy/graph/resource-objects";
import { ALL_RULES } from "../../../lib/policy/rules";
import { applyWaivers } from "../../../lib/policy/waiver";

const binding = (name: string) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name, namespace: "tenant-acme" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "mallory" }],
});

test.each([
  "admin:alice@corp.example",
  "alice@corp.example",
  "token=a",
  `ghp_${"a".repeat(36)}`,
  "x".repeat(253),
])("an object is found by the name %j that it has, whatever that looks like", (name) => {
  expect(safeObjectId(binding(name), "")).toBe(`RoleBinding tenant-acme/${name}`);
});

test("a waiver lifts a rule from one of two objects whose names look alike but for a user", () => {
  const [alice, mallory] = ["alice", "mallory"].map(
    (user) => `RoleBinding tenant-acme/admin:${user}@corp.example`,
  ) as [string, string];
  const graph = graphFromManifests([
    binding("admin:alice@corp.example"),
    binding("admin:mallory@corp.example"),
  ]);
  const results = evaluate(
    graph,
    ALL_RULES.filter(({ id }) => id === "P1-RBAC-3"),
  );
  const waiver = { rule: "P1-RBAC-3", reason: "x", expires: "2099-01-01", owner: "platform" };
  const judged = applyWaivers(results, [{ ...waiver, object: alice }], new Date("2027-01-31"));
  const findings = judged.results.flatMap((result) => result.findings);
  expect(
    new Set(findings.map(({ object, waiver: by }) => `${object} ${by !== undefined}`)),
  ).toEqual(new Set([`${alice} true`, `${mallory} false`]));
});
