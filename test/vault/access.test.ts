import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tenantNamespace } from "../../lib/kubernetes/names";
import { UsageError } from "../../lib/support/problem";
import { planTenantAccess } from "../../lib/vault/access";
import type { TenantAccessArgs } from "../../lib/vault/access";
import { MALICIOUS_NAMES } from "../tenant/malicious-names";

const acme: TenantAccessArgs = {
  tenant: "acme",
  cluster: "eu-prod",
  namespace: "tenant-acme",
  mount: "atom",
  serviceAccounts: ["reports", "api", "api"],
  audience: "vault",
};

describe("a tenant's access to Vault", () => {
  test("P1-DATA-4 reads the tenant's own folder and nothing else", () => {
    expect(planTenantAccess(acme)).toEqual({
      policyName: "atom.eu-prod.acme",
      policyHcl: `path "atom/data/tenants/acme/*" {
  capabilities = ["read"]
}

path "atom/metadata/tenants/acme/*" {
  capabilities = ["list", "read"]
}
`,
      paths: ["atom/data/tenants/acme/*", "atom/metadata/tenants/acme/*"],
      roleName: "atom.eu-prod.acme",
      boundNamespaces: ["tenant-acme"],
      boundServiceAccounts: ["api", "reports"],
      audience: "vault",
      tokenTtlSeconds: 3600,
    });
  });

  test("V12 no path of t1 is a prefix of one of t10", () => {
    const pathsOf = (tenant: string) =>
      planTenantAccess({ ...acme, tenant, namespace: tenantNamespace(tenant) }).paths;
    for (const path of pathsOf("t1")) {
      expect(path.endsWith("/tenants/t1/*")).toBe(true);
      for (const other of pathsOf("t10")) expect(other.startsWith(path.slice(0, -1))).toBe(false);
    }
  });

  test("gives no two pairs of cluster and tenant the same name", () => {
    const name = fc.stringMatching(/^[a-z]([a-z-]{0,4}[a-z])?$/);
    fc.assert(
      fc.property(name, name, name, name, (a, b, c, d) => {
        const nameOf = (cluster: string, tenant: string) =>
          planTenantAccess({ ...acme, cluster, tenant, namespace: tenantNamespace(tenant) })
            .roleName;
        expect(nameOf(a, b) === nameOf(c, d)).toBe(a === c && b === d);
      }),
    );
  });

  test.each(MALICIOUS_NAMES)("fails for the tenant %j", (tenant) => {
    const args = { ...acme, tenant, namespace: tenantNamespace(tenant) };
    expect(() => planTenantAccess(args)).toThrow(UsageError);
  });

  test.each([
    "",
    "/atom",
    "atom/",
    "a//b",
    "sys",
    "auth/token",
    "identity",
    "+",
    "*",
    'a"b',
    "../sys",
  ])("fails for the mount %j", (mount) =>
    expect(() => planTenantAccess({ ...acme, mount })).toThrow(UsageError),
  );

  test("fails with every problem at once", () => {
    const args = {
      ...acme,
      namespace: "tenant-globex",
      audience: "",
      serviceAccounts: ["*", "default"],
    };
    expect(() => planTenantAccess(args)).toThrow(
      new UsageError("tenant's access to Vault", [
        { path: "namespace", message: `"tenant-globex" is not the tenant's own namespace` },
        {
          path: "serviceAccounts[0]",
          message: `"*" is no service account's own name; no wildcard and not "default"`,
        },
        {
          path: "serviceAccounts[1]",
          message: `"default" is no service account's own name; no wildcard and not "default"`,
        },
        { path: "audience", message: '"" is not allowed; write one such as vault' },
      ]),
    );
  });

  test("fails without a service account", () => {
    expect(() => planTenantAccess({ ...acme, serviceAccounts: [] })).toThrow(/is empty/);
  });
});
