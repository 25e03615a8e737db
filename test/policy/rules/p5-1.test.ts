import { describe, expect, test } from "vitest";
import { ROLE_LABEL, TENANT_LABEL } from "../../../lib/kubernetes/labels";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p5Rule1 } from "../../../lib/policy/rules/p5-1";
import { ACME, CLUSTER, PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith, graphWithObject, namespace } from "../small-objects";

const TENANT_FIELD = `metadata.labels["${TENANT_LABEL}"]`;
const ROLE_FIELD = `metadata.labels["${ROLE_LABEL}"]`;
const TENANT = { [ROLE_LABEL]: "tenant", [TENANT_LABEL]: "acme" };

function withLabel(at: number, key: string, value: unknown) {
  return graphWithObject(at, (object) => {
    object["metadata"]!["labels"]![key] = value as never;
  });
}

describe("P5-1", () => {
  test("looks at each tenant and each namespace", () => {
    expectPass(p5Rule1, [
      { scope: PLATFORM, examined: 1 },
      { scope: ACME, examined: 2 },
    ]);
  });

  test("fails for a tenant without a namespace", () => {
    const beta = { cluster: CLUSTER, tenant: "beta" };
    const graph = graphWith(({ tenants }) => tenants.push({ id: "tenant beta", scope: beta }));
    expectFindings(graph, p5Rule1, [
      { object: "tenant beta", scope: beta, message: "has no namespace" },
    ]);
  });

  test("fails for a tenant whose namespace is a Namespace of another API group", () => {
    const beta = { cluster: CLUSTER, tenant: "beta" };
    const labels = { ...TENANT, [TENANT_LABEL]: "beta" };
    const decoy = { ...namespace("tenant-beta", labels), apiVersion: "example.com/v1" };
    const graph = graphWith(({ objects, tenants }) => {
      tenants.push({ id: "tenant beta", scope: beta });
      objects.push(objectNode(decoy, beta));
    });
    expect(findingsOf(graph, p5Rule1)).toMatchObject([
      { object: "tenant beta", scope: beta, message: "has no namespace" },
    ]);
  });

  test("fails for a tenant that is declared twice", () => {
    const graph = graphWith(({ tenants }) => tenants.push(tenants[0]!));
    expectFindings(graph, p5Rule1, [
      { object: "tenant acme", message: "is declared 2 times" },
      { object: "tenant acme", message: "is declared 2 times" },
    ]);
  });

  test("fails for a tenant with two namespaces", () => {
    const graph = graphWith(({ objects }) =>
      objects.push(objectNode(namespace("acme-2", TENANT), ACME)),
    );
    expectFindings(graph, p5Rule1, [
      {
        object: "Namespace tenant-acme",
        field: TENANT_FIELD,
        message: "the same tenant owns Namespace acme-2",
      },
      {
        object: "Namespace acme-2",
        field: TENANT_FIELD,
        message: "the same tenant owns Namespace tenant-acme",
      },
    ]);
  });

  test("fails for a namespace that two tenants call their own", () => {
    const beta = { cluster: CLUSTER, tenant: "beta" };
    const graph = graphWith(({ objects, tenants }) => {
      tenants.push({ id: "tenant beta", scope: beta });
      const labels = { ...TENANT, [TENANT_LABEL]: "beta" };
      objects.push(objectNode(namespace("tenant-acme", labels), beta));
    });
    const finding = {
      object: "Namespace tenant-acme",
      field: "metadata.name",
      message: "is the name of 2 namespaces",
    };
    expectFindings(graph, p5Rule1, [finding, { ...finding, scope: beta }]);
  });

  test.each([
    [undefined, "is not set; allowed is tenant and platform"],
    ["owner", 'is "owner"; allowed is tenant and platform'],
  ])("fails for a namespace of the role %s", (role, message) => {
    expectFindings(withLabel(AT.namespace, ROLE_LABEL, role), p5Rule1, [
      { object: "Namespace tenant-acme", field: ROLE_FIELD, message },
    ]);
  });

  test("fails for a namespace with a tenant's name that calls itself the platform's", () => {
    const object = namespace("tenant-beta", { [ROLE_LABEL]: "platform" });
    const graph = graphWith(({ objects }) => objects.push(objectNode(object, PLATFORM)));
    expectFindings(graph, p5Rule1, [
      {
        object: "Namespace tenant-beta",
        scope: PLATFORM,
        field: ROLE_FIELD,
        message: 'is "platform" on a namespace with a tenant\'s name; allowed is tenant',
      },
    ]);
  });

  test("fails for a tenant's namespace that calls itself the platform's", () => {
    const graph = withLabel(AT.namespace, ROLE_LABEL, "platform");
    expectFindings(graph, p5Rule1, [
      {
        object: "Namespace tenant-acme",
        field: TENANT_FIELD,
        message: "is set on a namespace of the platform",
      },
    ]);
  });

  test("fails for the platform's namespace in a tenant's hands", () => {
    const graph = withLabel(AT.platformNamespace, ROLE_LABEL, "tenant");
    expectFindings(graph, p5Rule1, [
      {
        object: "Namespace atom-platform",
        scope: PLATFORM,
        field: ROLE_FIELD,
        message: 'is "tenant"; allowed is platform',
      },
    ]);
  });

  test.each([
    ["", "names no tenant"],
    [7, "names no tenant"],
    ["beta", 'is "beta" on a namespace of tenant "acme"'],
  ])("fails for the tenant label %j", (label, message) => {
    expect(findingsOf(withLabel(AT.namespace, TENANT_LABEL, label), p5Rule1)).toMatchObject([
      { object: "Namespace tenant-acme", field: TENANT_FIELD, message },
      { object: "tenant acme", message: "has no namespace" },
    ]);
  });

  test("fails for a namespace of a tenant that nobody declared", () => {
    const labels = { ...TENANT, [TENANT_LABEL]: "beta" };
    const beta = { cluster: CLUSTER, tenant: "beta" };
    const graph = graphWith(({ objects }) =>
      objects.push(objectNode(namespace("x", labels), beta)),
    );
    expectFindings(graph, p5Rule1, [
      {
        object: "Namespace x",
        scope: beta,
        field: TENANT_FIELD,
        message: '"beta" is no declared tenant',
      },
    ]);
  });

  test("takes plain manifests, which declare no tenant", () => {
    expect(
      findingsOf(
        graphWith((content) => (content.tenants = [])),
        p5Rule1,
      ),
    ).toEqual([]);
  });

  test("V12 keeps t1 and t10, and clusters, apart", () => {
    const other = { cluster: "us-prod", tenant: "acme" };
    const graph = graphWith(({ objects, tenants }) => {
      tenants.push({ id: "tenant acme", scope: other });
      objects.push(objectNode(namespace("tenant-acme", TENANT), other));
    });
    expect(findingsOf(graph, p5Rule1)).toEqual([]);
  });

  test("S6 fails for a label that is not known yet", () => {
    expect(findingsOf(withLabel(AT.namespace, TENANT_LABEL, UNKNOWN), p5Rule1)).toMatchObject([
      { object: "Namespace tenant-acme", cause: "undecided" },
      { object: "tenant acme", message: "has no namespace" },
    ]);
  });

  test.each(HOSTILE)("fails, and does not crash, for the labels %s", (labels) => {
    const graph = graphWithObject(AT.namespace, (object) => {
      object["metadata"]!["labels"] = labels as never;
    });
    expect(findingsOf(graph, p5Rule1).length).toBeGreaterThan(0);
  });
});
