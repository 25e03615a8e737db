import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scanVault } from "../../lib/monitor/scan-vault";
import { Secret } from "../../lib/support/secret";

const ROLE = {
  bound_service_account_names: ["api"],
  bound_service_account_namespaces: ["tenant-acme"],
  bound_service_account_namespace_selector: "",
  audience: "vault",
  token_policies: ["atom.eu.acme"],
  token_ttl: 600,
  token_max_ttl: 1200,
  token_period: 0,
};
const HCL = 'path "atom/data/tenants/acme/*" { capabilities = ["read"] }';
const LEASES = { default_lease_ttl: 0, max_lease_ttl: 0 };

let server: Server;
let asked: string[];
/** What the Vault, a DOUBLE, answers to each path, with its status or under `data`. */
let answers: Record<string, number | object>;

beforeEach(async () => {
  asked = [];
  answers = {
    "sys/policies/acl?list=true": { keys: ["default", "atom.eu.acme", "root"] },
    "sys/policies/acl/default": { policy: "" },
    "sys/policies/acl/atom.eu.acme": { policy: HCL },
    "sys/auth": {
      "kubernetes/eu/": { type: "kubernetes", config: LEASES },
      "kubernetes/us/": { type: "kubernetes", config: LEASES },
      "odd/": { type: "kubernetes", config: { default_lease_ttl: 60, max_lease_ttl: 120 } },
      "token/": { type: "token", config: LEASES },
    },
    "auth/kubernetes/eu/role?list=true": { keys: ["atom.eu.acme"] },
    "auth/kubernetes/eu/role/atom.eu.acme": ROLE,
    "auth/odd/role?list=true": { keys: ["r\n1"] },
    "auth/odd/role/r%0A1": { token_policies: [], token_ttl: 0, token_max_ttl: 0 },
  };
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const answer = answers[request.url!.replace("/v1/", "")] ?? 404;
    response.statusCode = typeof answer === "number" ? answer : 200;
    response.end(
      JSON.stringify(typeof answer === "number" ? { errors: ["canary"] } : { data: answer }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function scan() {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wait = () => Promise.resolve();
  return scanVault({ address, token: Secret.of("t"), wait }, { cluster: "eu", others: ["us"] });
}

describe("the scan of a Vault", () => {
  test("has its policies, and the roles of the logins that are not another cluster's", async () => {
    const scope = { cluster: "eu" };
    expect(await scan()).toEqual({
      vaultPolicies: [
        { id: "vault policy atom.eu.acme", scope, name: "atom.eu.acme", policy: HCL },
        { id: "vault policy default", scope, name: "default", policy: "" },
      ],
      vaultRoles: [
        {
          id: "vault role kubernetes/eu/atom.eu.acme",
          scope,
          name: "atom.eu.acme",
          boundNamespaces: ["tenant-acme"],
          boundServiceAccounts: ["api"],
          policies: ["atom.eu.acme"],
          audience: "vault",
          tokenTtlSeconds: 600,
          tokenMaxTtlSeconds: 1200,
          tokenPeriodSeconds: 0,
        },
        {
          // What the role leaves out, its login says.
          id: 'vault role "odd/r\\n1"',
          scope,
          name: "r\n1",
          boundNamespaces: [],
          boundServiceAccounts: [],
          policies: [],
          tokenTtlSeconds: 60,
          tokenMaxTtlSeconds: 120,
          tokenPeriodSeconds: 0,
        },
      ],
    });
    expect(asked.filter((line) => !line.startsWith("GET "))).toEqual([]);
  });

  test("has the selector of a role that lets in namespaces by their labels", async () => {
    answers["auth/kubernetes/eu/role/atom.eu.acme"] = {
      ...ROLE,
      bound_service_account_namespace_selector: "{}",
    };
    const { vaultRoles } = await scan();
    expect(vaultRoles[0]!.namespaceSelector).toBe("{}");
  });

  test.each([
    ["the policies may not be listed", "sys/policies/acl?list=true", 403],
    ["a policy may not be read", "sys/policies/acl/default", 403],
    ["the logins may not be read", "sys/auth", 403],
    ["the roles of a login may not be listed", "auth/odd/role?list=true", 403],
    ["a role may not be read", "auth/kubernetes/eu/role/atom.eu.acme", 403],
    ["the Vault is sealed", "sys/auth", 503],
    ["a policy is gone since it was listed", "sys/policies/acl/default", 404],
    ["a list is none", "sys/policies/acl?list=true", { keys: [1] }],
    ["a policy has no text", "sys/policies/acl/default", { policy: 1 }],
    ["a login is none", "sys/auth", { "kubernetes/": "x" }],
  ])("fails if %s", async (_, path, answer) => {
    answers[path] = answer;
    const failed = await scan().then(
      () => "nothing",
      (error: Error) => error.message,
    );
    expect(failed).toMatch(/^Invalid scan of the Vault:\n - 127\.0\.0\.1:[0-9]+: /);
    expect(failed).not.toContain("canary");
    expect(failed.includes("'atom audit role vault'")).toBe(answer === 403);
  });
});
