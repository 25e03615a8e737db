import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p5Rule2 } from "../../../lib/policy/rules/p5-2";
import { ACME, PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

function withConfigMap(namespace: unknown, scope: { cluster: string } = ACME) {
  const metadata = { name: "x", ...(namespace === undefined ? {} : { namespace }) };
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata } as KubernetesObject;
  return graphWith(({ objects }) => objects.push({ id: "ConfigMap x", scope, object }));
}

describe("P5-2", () => {
  test("looks at each namespaced object", () => {
    expectPass(p5Rule2, [{ scope: ACME, examined: 6 }]);
  });

  test("takes the platform's objects in the platform's namespace", () => {
    expect(findingsOf(withConfigMap("atom-platform", PLATFORM), p5Rule2)).toEqual([]);
  });

  test.each([
    [undefined, ACME, "is not set"],
    ["", ACME, "is not set"],
    ["tenant-beta", ACME, 'is "tenant-beta"; allowed is "tenant-acme"'],
    ["atom-platform", ACME, 'is "atom-platform"; allowed is "tenant-acme"'],
    ["../../evil", ACME, 'is "../../evil"; allowed is "tenant-acme"'],
    ["default", PLATFORM, 'is "default"; allowed is "atom-platform"'],
  ])("fails for the namespace %s", (namespace, scope, message) => {
    expectFindings(withConfigMap(namespace, scope), p5Rule2, [
      { object: "ConfigMap x", scope, field: "metadata.namespace", message },
    ]);
  });

  test.each(HOSTILE)("hides nothing behind an object with the apiVersion %s", (apiVersion) => {
    const metadata = { name: "odd", namespace: "tenant-acme" };
    const odd = { apiVersion, kind: "ConfigMap", metadata } as unknown as KubernetesObject;
    const graph = graphWith(({ objects }) => {
      objects.unshift(objectNode(odd, ACME));
      const lost = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "lost" } };
      objects.push(objectNode(lost, ACME));
    });
    expect(findingsOf(graph, p5Rule2)).toMatchObject([
      { object: "ConfigMap lost", cause: "violation", message: "is not set" },
    ]);
  });

  test("expects a tenant's own name where its namespace is not in the graph", () => {
    const graph = graphWith((content) => {
      const beta = { cluster: "us-prod", tenant: "beta" };
      const object = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "x", namespace: "tenant-beta" },
      };
      content.objects.push(objectNode(object, beta));
    });
    expect(findingsOf(graph, p5Rule2)).toEqual([]);
  });

  test("fails for an object of an unknown kind in another's namespace", () => {
    const metadata = { name: "x", namespace: "tenant-beta" };
    const object = { apiVersion: "evil.example/v1", kind: "Thing", metadata };
    const graph = graphWith(({ objects }) => objects.push(objectNode(object, ACME)));
    expectFindings(graph, p5Rule2, [
      {
        object: "Thing tenant-beta/x",
        field: "metadata.namespace",
        message: 'is "tenant-beta"; allowed is "tenant-acme"',
      },
    ]);
  });

  test("S6 fails for a namespace that is not known yet", () => {
    expect(findingsOf(withConfigMap(UNKNOWN), p5Rule2)).toMatchObject([
      { cause: "undecided", field: "metadata.namespace" },
    ]);
  });

  test.each(HOSTILE)("fails, and does not crash, for %s", (value) => {
    expect(findingsOf(withConfigMap(value), p5Rule2)).toHaveLength(1);
    const object = { apiVersion: value, kind: "X", metadata: { namespace: "x" } };
    const graph = graphWith(({ objects }) => {
      objects.push({ id: "X", scope: ACME, object: object as unknown as KubernetesObject });
    });
    expect(findingsOf(graph, p5Rule2)).toHaveLength(1);
  });
});
