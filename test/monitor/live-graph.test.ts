import { describe, expect, test } from "vitest";
import { liveGraph } from "../../lib/monitor/live-graph";
import type { LiveObject } from "../../lib/monitor/read-object";
import { violationsOf } from "../../lib/policy/evaluation/evaluate";
import { ALL_RULES } from "../../lib/policy/rules";

function object(kind: string, name: string, rest: Record<string, unknown> = {}): LiveObject {
  const { namespace, labels, ...fields } = rest;
  const apiVersion = kind.includes("Role") ? "rbac.authorization.k8s.io/v1" : "v1";
  const uid = `${kind} ${String(namespace)} ${name}`;
  return { apiVersion, kind, metadata: { name, uid, namespace, labels }, ...fields } as LiveObject;
}
const namespace = (name: string, labels: Record<string, string> = {}) =>
  object("Namespace", name, { labels });
const tenant = (name: string) =>
  namespace(`tenant-${name}`, { "atom.cloud/role": "tenant", "atom.cloud/tenant": name });

/** Every object that is judged, with the tenant it is judged as. */
const judged = (...objects: LiveObject[]) =>
  liveGraph([{ cluster: "eu", objects }]).objects.map(
    ({ id, scope }) => `${id}${scope.tenant === undefined ? "" : ` of ${scope.tenant}`}`,
  );

describe("the graph of a cluster", () => {
  test("has what is in the namespaces of tenants and of the platform, and what is in none", () => {
    const config = (home: string) => object("ConfigMap", "c", { namespace: home });
    expect(
      judged(
        tenant("acme"),
        namespace("atom-platform"),
        namespace("monitoring", { "atom.cloud/role": "platform" }),
        namespace("kube-system"),
        namespace("somebody"),
        ...["tenant-acme", "atom-platform", "monitoring", "kube-system", "somebody"].map(config),
        object("Node", "node-1"),
      ),
    ).toEqual([
      "ConfigMap atom-platform/c",
      "ConfigMap monitoring/c",
      "ConfigMap tenant-acme/c of acme",
      "Namespace atom-platform",
      "Namespace monitoring",
      "Namespace somebody",
      "Namespace tenant-acme of acme",
      "Node node-1",
    ]);
  });

  test("judges a namespace that Kubernetes keeps for itself if somebody gave it to a tenant", () => {
    const labels = { "atom.cloud/role": "tenant", "atom.cloud/tenant": "acme" };
    const found = violationsOf(
      liveGraph([{ cluster: "eu", objects: [namespace("kube-public", labels)] }]),
      ALL_RULES,
    );
    expect(found.map(({ rule }) => rule)).toContain("P5-3");
  });

  const subjects = {
    "its service account": { kind: "ServiceAccount", name: "api", namespace: "tenant-acme" },
    "its service account by its user name": {
      kind: "User",
      name: "system:serviceaccount:tenant-acme:api",
    },
    "all of its service accounts": { kind: "Group", name: "system:serviceaccounts:tenant-acme" },
  };
  test.each(Object.entries(subjects))("gives a binding of %s to the tenant", (_, subject) => {
    const other = { kind: "Group", name: "system:masters" };
    const bindings = [
      object("ClusterRoleBinding", "wide", { subjects: [other, subject] }),
      object("RoleBinding", "far", { namespace: "kube-system", subjects: [subject] }),
    ];
    expect(judged(tenant("acme"), ...bindings)).toEqual([
      "ClusterRoleBinding wide of acme",
      "Namespace tenant-acme of acme",
      "RoleBinding kube-system/far of acme",
    ]);
    const rules = violationsOf(
      liveGraph([{ cluster: "eu", objects: [tenant("acme"), ...bindings] }]),
      ALL_RULES,
    )
      .filter(({ object: id }) => id.includes("Binding"))
      .map(({ rule, object: id }) => `${rule} ${id}`);
    expect(rules).toEqual(
      expect.arrayContaining([
        "P1-RBAC-2 ClusterRoleBinding wide",
        "P5-2 RoleBinding kube-system/far",
      ]),
    );
  });

  test("leaves a binding of people and of the platform where it is", () => {
    const group = { kind: "Group", name: "admins" };
    expect(
      judged(
        tenant("acme"),
        object("ClusterRoleBinding", "people", { subjects: [group] }),
        object("ClusterRoleBinding", "nobody"),
        object("RoleBinding", "far", { namespace: "kube-system", subjects: [group] }),
      ),
    ).toEqual([
      "ClusterRoleBinding nobody",
      "ClusterRoleBinding people",
      "Namespace tenant-acme of acme",
    ]);
  });

  test("misses a tenant that is declared and not there, and finds one that is not declared", () => {
    const graph = liveGraph([{ cluster: "eu", tenants: ["globex"], objects: [tenant("acme")] }]);
    const found = violationsOf(graph, ALL_RULES).filter(({ rule }) => rule === "P5-1");
    expect(found.map(({ object: id, message }) => `${id}: ${message}`).sort()).toEqual([
      'Namespace tenant-acme: "acme" is no declared tenant',
      "tenant globex: has no namespace",
    ]);
  });

  test("passes a pod on the node that the scheduler chose", () => {
    const spec = { nodeName: "node-1", containers: [] };
    const pod = object("Pod", "api", { namespace: "tenant-acme", spec });
    const graph = liveGraph([{ cluster: "eu", objects: [tenant("acme"), pod] }]);
    expect(graph.objects.map(({ inCluster }) => inCluster)).toEqual([true, true]);
    expect(violationsOf(graph, ALL_RULES).filter(({ rule }) => rule === "P1-NODE-1")).toEqual([]);
  });

  test("keeps clusters apart", () => {
    const graph = liveGraph([
      { cluster: "eu", objects: [tenant("acme")] },
      { cluster: "us", objects: [tenant("acme")] },
    ]);
    expect(violationsOf(graph, ALL_RULES).filter(({ rule }) => rule === "P5-1")).toEqual([]);
    expect(graph.clusters).toEqual(["eu", "us"]);
  });
});
