import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { graphFromManifests } from "../../../lib/policy/graph/graph-from-manifests";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p1Rbac7 } from "../../../lib/policy/rules/p1-rbac-7";
import { compliantTenant } from "../compliant-objects";

function messages(subject: unknown, role = "cluster-admin", kind = "ClusterRoleBinding"): string[] {
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    metadata: { name: "wide" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [subject],
  };
  const graph = graphFromManifests([...compliantTenant(), binding]);
  return evaluate(graph, [p1Rbac7]).flatMap(({ findings }) =>
    findings.map(({ field, message }) => `${field}: ${message}`),
  );
}

describe("P1-RBAC-7", () => {
  test.each([
    ["Group", "system:serviceaccounts"],
    ["Group", "system:authenticated"],
    ["Group", "system:unauthenticated"],
    ["User", "system:anonymous"],
  ])("fails the %s %s", (kind, name) => {
    expect(messages({ kind, name })).toEqual([
      `subjects[0].name: "${name}" is everybody, all tenants among them, and gets "cluster-admin" in every namespace`,
    ]);
  });

  test.each([
    { kind: "ServiceAccount", name: "api", namespace: "tenant-acme" },
    { kind: "Group", name: "system:serviceaccounts:tenant-acme" },
    { kind: "User", name: "system:serviceaccount:tenant-acme:api" },
  ])("fails a tenant's accounts, as $kind $name", (subject) => {
    expect(messages(subject)).toEqual([
      `subjects[0].name: "${subject.name}" is of tenant "acme", and gets "cluster-admin" in every namespace`,
    ]);
  });

  test.each([
    { kind: "Group", name: "platform-engineers" },
    { kind: "Group", name: "system:masters" },
    { kind: "ServiceAccount", name: "monitor", namespace: "atom-platform" },
  ])("passes $kind $name", (subject) => {
    expect(messages(subject)).toEqual([]);
  });

  test("passes what Kubernetes itself lets everybody read", () => {
    expect(messages({ kind: "Group", name: "system:authenticated" }, "system:discovery")).toEqual(
      [],
    );
  });

  test("S6 a subject or a role that is not known is undecided", () => {
    expect(messages({ kind: "Group", name: UNKNOWN })).toEqual([
      "subjects[0].name: cannot be decided: subjects[0].name is not known yet",
    ]);
  });
});
