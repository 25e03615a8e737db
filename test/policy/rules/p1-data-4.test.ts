import { describe, expect, test } from "vitest";
import type { ResourceGraph, VaultRoleNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p1Data4 } from "../../../lib/policy/rules/p1-data-4";
import { planTenantAccess } from "../../../lib/vault/access";
import { ACME, CLUSTER, PLATFORM } from "../compliant-facts";
import { expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

const POLICY = "vault policy tenant-acme";
const ROLE = "vault role tenant-acme";

const withPolicy = (policy: unknown) =>
  graphWith(({ vaultPolicies }) => (vaultPolicies[0]!.policy = policy as string));
const withPath = (path: string, ...capabilities: string[]) =>
  withPolicy(`path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`);
const withRole = (change: Partial<Record<keyof VaultRoleNode, unknown>>) =>
  graphWith(({ vaultRoles }) => Object.assign(vaultRoles[0]!, change));

function shortFindings(graph: ResourceGraph) {
  return findingsOf(graph, p1Data4).map(({ object, field, message }) => [object, field, message]);
}

const outside = (path: string, tenant = "acme") =>
  `path ${JSON.stringify(path)} is not in the tenant's own folder; allowed is <mount>/data/tenants/${tenant}/…`;

describe("P1-DATA-4", () => {
  test("looks at each policy and each role", () => {
    expectPass(p1Data4, [{ scope: ACME, examined: 2 }]);
  });

  test("passes what this library plans", () => {
    const access = planTenantAccess({
      ...{ tenant: "acme", cluster: CLUSTER, namespace: "tenant-acme", mount: "team/atom" },
      ...{ serviceAccounts: ["api", "worker"], audience: "vault" },
    });
    const graph = graphWith((content) => {
      content.vaultPolicies[0]!.name = access.policyName;
      content.vaultPolicies[0]!.policy = access.policyHcl;
      Object.assign(content.vaultRoles[0]!, {
        boundServiceAccounts: access.boundServiceAccounts,
        policies: [access.policyName],
        tokenTtlSeconds: access.tokenTtlSeconds,
      });
    });
    expect(shortFindings(graph)).toEqual([]);
  });

  test.each([
    "atom/metadata/tenants/acme/",
    "/atom/destroy/tenants/acme/db/+/x",
    "tenant-acme/*",
    "tenant-acme/data/{{identity.entity.name}}/*",
  ])("passes the path %s", (path) => {
    expect(shortFindings(withPath(path, "read", "list"))).toEqual([]);
  });

  test("passes a path outside that is denied", () => {
    expect(shortFindings(withPath("sys/*", "deny"))).toEqual([]);
  });

  test.each([
    "*",
    "+/data/tenants/acme/*",
    "at*/data/tenants/acme/*",
    "atom/+/tenants/acme/*",
    "atom/data/+/acme/*",
    "atom/data/tenants/*",
    "atom/data/tenants/+/db",
    "atom/data/tenants/acme",
    "atom/data/tenants/acme*",
    "atom/data/tenants/acme2/*",
    "atom/data/tenants/globex/tenants/acme/*",
    "atom/data/tenants/acme/../globex/db",
    "atom/data//tenants/acme/*",
    "atom/data/tenants/{{identity.entity.metadata.tenant}}/*",
    "{{identity.entity.name}}/data/tenants/acme/*",
    "atom/config",
    "data/tenants/acme/*",
    "tenant-acme",
    "tenant-acme2/*",
    "tenant-globex/data/tenants/acme/*",
    "sys/policies/acl/*",
    "sys/data/tenants/acme/*",
    "auth/token/create",
    "auth/data/tenants/acme/*",
    "identity/data/tenants/acme/*",
  ])("V12 fails for the path %s", (path) => {
    expect(shortFindings(withPath(path, "read"))).toEqual([[POLICY, "policy", outside(path)]]);
  });

  test("fails for a path behind good ones, and for sudo", () => {
    const graph = withPolicy(`
      path "atom/data/tenants/acme/*" { policy = "sudo" }
      path "atom/metadata/tenants/*" { capabilities = ["list"] }`);
    expect(shortFindings(graph)).toEqual([
      [POLICY, "policy", 'path "atom/data/tenants/acme/*" grants sudo'],
      [POLICY, "policy", outside("atom/metadata/tenants/*")],
    ]);
  });

  test("fails for another tenant's policy in a tenant's role", () => {
    const graph = graphWith(({ vaultPolicies, vaultRoles }) => {
      vaultPolicies.push({
        ...vaultPolicies[0]!,
        ...{ id: "vault policy globex", name: "globex" },
        scope: { cluster: CLUSTER, tenant: "globex" },
        policy: 'path "atom/data/tenants/globex/*" { capabilities = ["read"] }',
      });
      vaultRoles[0]!.policies.push("globex");
    });
    expect(shortFindings(graph)).toEqual([
      ["vault policy globex", "policy", outside("atom/data/tenants/globex/*")],
    ]);
  });

  test("leaves the platform's policies alone until a tenant gets them", () => {
    const platform = { scope: PLATFORM as typeof ACME, name: "all" };
    const policy = 'path "atom/*" { capabilities = ["read"] }';
    const graph = (...policies: string[]) =>
      graphWith(({ vaultPolicies, vaultRoles }) => {
        vaultPolicies.push({ ...platform, id: "vault policy all", policy });
        vaultRoles[0] = { ...vaultRoles[0]!, scope: platform.scope, policies };
      });
    expect(shortFindings(graph())).toEqual([]);
    expect(shortFindings(graph("all"))).toEqual([
      ["vault policy all", "policy", outside("atom/*")],
    ]);
  });

  const cases: readonly (readonly [Parameters<typeof withRole>[0], string, string])[] = [
    [{ boundNamespaces: [] }, "boundNamespaces", 'is empty; name "tenant-acme"'],
    [{ boundNamespaces: ["*"] }, "boundNamespaces[0]", 'is "*"; allowed is "tenant-acme"'],
    [
      { boundNamespaces: ["tenant-acme", "tenant-acme2"] },
      "boundNamespaces[1]",
      'is "tenant-acme2"; allowed is "tenant-acme"',
    ],
    [
      { namespaceSelector: "{}" },
      "namespaceSelector",
      'lets in namespaces by their labels; name "tenant-acme"',
    ],
    [{ boundServiceAccounts: [] }, "boundServiceAccounts", "is empty; name each service account"],
    ...["*", "api-*", "default", ""].map(
      (account) =>
        [
          { boundServiceAccounts: ["api", account] },
          "boundServiceAccounts[1]",
          `is "${account}"; no wildcard and no "default" is allowed`,
        ] as const,
    ),
    [
      { audience: undefined },
      "audience",
      "is not set; a token for another service would do as well",
    ],
    [{ audience: " " }, "audience", 'is " "; a token for another service would do as well'],
    ...[undefined, 0, 3601, "15m"].flatMap((value) =>
      ["tokenTtlSeconds", "tokenMaxTtlSeconds"].map((field) => {
        const received = value === undefined ? "not set" : JSON.stringify(value);
        return [{ [field]: value }, field, `is ${received}; allowed are 1 to 3600`] as const;
      }),
    ),
    [{ tokenPeriodSeconds: 60 }, "tokenPeriodSeconds", "is 60; such a token is renewed for ever"],
    ...["root", "nobody"].map(
      (name) =>
        [
          { policies: ["tenant-acme", "default", name] },
          "policies[2]",
          `"${name}" is not in the graph, so nobody has looked at it`,
        ] as const,
    ),
  ];
  test.each(cases)("fails for a role with %j", (change, field, message) => {
    expect(shortFindings(withRole(change))).toEqual([[ROLE, field, message]]);
  });

  test("fails for a role of the platform that lets in everybody", () => {
    const graph = withRole({ scope: PLATFORM, boundNamespaces: ["atom-platform", "*"] });
    expect(shortFindings(graph)).toEqual([
      [ROLE, "boundNamespaces[1]", 'is "*"; allowed is atom-platform'],
    ]);
  });

  test.each([
    ["policy", withPolicy(UNKNOWN)],
    ["boundNamespaces", withRole({ boundNamespaces: UNKNOWN })],
    ["boundServiceAccounts[0]", withRole({ boundServiceAccounts: [UNKNOWN] })],
    ["audience", withRole({ audience: UNKNOWN })],
    ["tokenMaxTtlSeconds", withRole({ tokenMaxTtlSeconds: UNKNOWN })],
    ["policies[0]", withRole({ policies: [UNKNOWN] })],
  ])("S6 fails for an unknown %s", (field, graph) => {
    expect(findingsOf(graph, p1Data4)).toMatchObject([{ field, cause: "undecided" }]);
  });

  test("fails for a policy that cannot be read, and prints none of it", () => {
    expect(shortFindings(withPolicy('{"path": "canary"}'))).toEqual([
      [POLICY, "policy", "cannot be decided: it is no HCL: a key is missing in line 1"],
    ]);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    for (const field of ["boundNamespaces", "boundServiceAccounts", "policies", "audience"]) {
      const causes = findingsOf(withRole({ [field]: value }), p1Data4).map(({ cause }) => cause);
      expect(causes).not.toContain("error");
    }
    const causes = findingsOf(withPolicy(value), p1Data4).map(({ cause }) => cause);
    expect(causes).toEqual(["undecided"]);
  });
});
