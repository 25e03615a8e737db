import { expect, test } from "vitest";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { namespaceOwners } from "../../../lib/policy/graph/namespace-owners";

const scope = { cluster: "eu" };
const namespace = (name: string, tenant: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: { "atom.cloud/tenant": tenant } },
});

/** Whose an object in a namespace is that some tenants claim, in this order. */
function ownerOf(name: string, tenants: readonly string[]): string | undefined {
  const found = tenants.map((tenant) => ({ scope, object: namespace(name, tenant) }));
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "x", namespace: name } };
  return namespaceOwners(found)(scope, object).tenant;
}

test.each([
  ["tenant-quux", ["quux"], "quux"],
  ["tenant-quux", ["quux", "acme", "zeta"], "quux"],
  ["shared", ["quux", "acme", "zeta"], "acme"],
  ["shared", [], undefined],
  // As a chart brings it, without its Namespace.
  ["tenant-quux", [], "quux"],
])("%s, claimed by %j in any order, is %s's", (name, tenants, owner) => {
  expect(ownerOf(name, tenants)).toBe(owner);
  expect(ownerOf(name, [...tenants].reverse())).toBe(owner);
});

test("a Namespace that claims no tenant makes its objects nobody's, whatever its name", () => {
  const bare = { apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant-quux" } };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "x", namespace: "tenant-quux" } };
  expect(namespaceOwners([{ scope, object: bare }])(scope, pod)).toEqual(scope);
});

test("a Namespace of another API group claims nothing", () => {
  const object = { ...namespace("shared", "quux"), apiVersion: "example.com/v1" };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "x", namespace: "shared" } };
  expect(namespaceOwners([{ scope, object }])(scope, pod)).toEqual(scope);
});

test("a tenant is called as its Namespace says, whatever that looks like: a name is no secret", () => {
  const token = `ghp_${"a".repeat(36)}`;
  expect(ownerOf("shared", [token])).toBe(token);
  expect(ownerOf(`tenant-${token}`, [])).toBe(token);
});
