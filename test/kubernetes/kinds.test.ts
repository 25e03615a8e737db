import { expect, test } from "vitest";
import { apiGroup, scopeOf } from "../../lib/kubernetes/kinds";

test.each<[string, string, string | undefined]>([
  ["v1", "Pod", "Namespaced"],
  ["v1", "Namespace", "Cluster"],
  // As Kubernetes reads it, too.
  ["/v1", "Namespace", "Cluster"],
  ["apps/v1", "Deployment", "Namespaced"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole", "Cluster"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding", "Namespaced"],
  ["networking.k8s.io/v1", "Ingress", "Namespaced"],
  ["networking.k8s.io/v1", "IngressClass", "Cluster"],
  // A kind of the same name in a group of somebody else's.
  ["example.com/v1", "Pod", undefined],
  ["apps/v1", "Pod", undefined],
  ["constructor/v1", "Pod", undefined],
  ["__proto__/v1", "Pod", undefined],
  ["toString", "Pod", "Namespaced"],
])("the scope of %s %s is %s", (apiVersion, kind, scope) => {
  expect(scopeOf({ apiVersion, kind, metadata: { name: "a" } })).toBe(scope);
});

test("the group is what stands before the slash", () => {
  expect(["v1", "/v1", "apps/v1", "a.b/v1/x"].map(apiGroup)).toEqual(["", "", "apps", "a.b"]);
});
