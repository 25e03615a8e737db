import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  LONGEST_TENANT_NAME,
  isDnsLabel,
  isDnsSubdomain,
  nameProblem,
  nameRule,
  printable,
  tenantNamespace,
} from "../../lib/kubernetes/names";
import { objectId } from "../../lib/kubernetes/object";
import { HOSTILE_NAMES } from "../hostile-names";

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

describe("a name", () => {
  test.each(["a", "0", "t1", "t10", "a-b", "a--b", "x".repeat(63)])("may be %s", (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  test.each([
    ...HOSTILE_NAMES,
    "\u0430cme",
    "acme\u202e",
    "acme.",
    "acme-",
    "Acme",
    "a.b",
    "a_b",
    "a\n",
    " a",
    "__proto__",
    "\ud800",
  ])("fails as %j", (name) => {
    expect(nameProblem(name)).toBe(
      `name ${printable(name)} is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends`,
    );
  });

  test.each([63, 64, 253, 254, 1_000_000])("with %i characters is bounded", (length) => {
    expect(nameProblem("a".repeat(length))).toBe(
      length <= 63 ? undefined : `name has ${length} characters; at most 63 are allowed`,
    );
  });

  test.each([
    "default",
    "kube",
    "kube-system",
    "kube-x",
    "kubernetes",
    "openshift",
    "openshift-monitoring",
    "istio-system",
    "cert-manager",
    "atom-platform",
    "platform",
  ])("fails as %s, which is reserved", (name) => {
    expect(nameProblem(name)).toBe(`name "${name}" is reserved by Kubernetes or the platform`);
  });

  test("is a DNS label if it is allowed at all", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), label), (name) => {
        if (nameProblem(name) === undefined) expect(isDnsLabel(name)).toBe(true);
      }),
    );
  });
});

test("a rule for a name says whose it is, and takes further words out", () => {
  const not = [{ words: ["b"], problem: () => "b is taken" }];
  const rule = nameRule({ what: "pool", longest: 3, not });
  expect(["a", "A", "b", "kube", "aaaa"].map(rule.problem)).toEqual([
    undefined,
    "pool name \"A\" is not allowed; use a-z, 0-9 and '-', with a letter or digit at both ends",
    "b is taken",
    'pool name "kube" is reserved by Kubernetes or the platform',
    "pool name has 4 characters; at most 3 are allowed",
  ]);
});

test("a label has at most 63 characters", () => {
  expect([63, 64].map((length) => isDnsLabel("a".repeat(length)))).toEqual([true, false]);
});

test("no two tenants share a namespace, and each is a DNS label", () => {
  const tenant = label.filter((name) => nameProblem(name, LONGEST_TENANT_NAME) === undefined);
  fc.assert(
    fc.property(tenant, tenant, (a, b) => {
      expect(isDnsLabel(tenantNamespace(a))).toBe(true);
      expect(tenantNamespace(a) === tenantNamespace(b)).toBe(a === b);
    }),
  );
  expect(nameProblem("a".repeat(LONGEST_TENANT_NAME + 1), LONGEST_TENANT_NAME)).toBe(
    "name has 57 characters; at most 56 are allowed",
  );
});

test.each<[string, boolean]>([
  ["a", true],
  ["eu-master-1.eu.atom.example", true],
  [`${"a".repeat(63)}.b`, true],
  [`${"a.".repeat(126)}b`, true],
  [`${"a.".repeat(126)}bc`, false],
  [`${"a".repeat(64)}.b`, false],
  ["a..b", false],
  [".a", false],
  ["a.", false],
  ["A.b", false],
  ["", false],
])("whether %.30s is a subdomain: %j", (name, is) => {
  expect(isDnsSubdomain(name)).toBe(is);
});

test("an object is found by kind, namespace and name", () => {
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } };
  expect(objectId(object)).toBe("Pod a");
  expect(objectId({ ...object, metadata: { name: "a", namespace: "b" } })).toBe("Pod b/a");
});
