import { PLATFORM_NAMESPACE, printable, tenantNamespace } from "../../kubernetes/names";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph, VaultRoleNode } from "../graph/graph";
import { MalformedError, textsAt, valueAt } from "../reading/read";
import { shown } from "../reading/shown";
import type { VaultRoleSubject } from "../subjects/fact-subjects";
import { vaultRoles } from "../subjects/fact-subjects";
import { clusterNamespaces } from "../tenants/namespace-index";
import { grantedPolicies, hasPolicy, isInTenantFolder, tenantOfRole } from "../vault/vault-access";
import type { GrantedPolicy } from "../vault/vault-access";
import { parseVaultPolicy } from "../vault/vault-policy";

const ONE_HOUR = 3600;

/**
 * A tenant's policies stay in its own folder of Vault, and only its own service accounts log in.
 * A policy that is given to no tenant is the platform's, and not looked at. No template is allowed
 * before the tenant's segment: nothing that this library sets at login names a tenant.
 */
export const p1Data4 = defineRule<GrantedPolicy | VaultRoleSubject>({
  id: "P1-DATA-4",
  policy: "P1",
  severity: "critical",
  title:
    "a tenant's Vault policies reach only its own folder, and its roles let in only its own service accounts, for an hour at most",
  why: "a path one character too short, or a role for every namespace, hands one tenant's secrets to another",
  remediation:
    "end each path's tenant with a slash (<mount>/data/tenants/<tenant>/*), grant no sudo, and bind each role to the tenant's one namespace, to service accounts by name, to an audience, and to a token TTL and maximum TTL of 3600 s or less",
  source:
    "Vault documentation: policies, path matching; Kubernetes auth method, roles; hashicorp/vault vault/policy.go",
  subjects: (graph) => [...grantedPolicies(graph), ...vaultRoles(graph)],
  check(subject, report, graph) {
    if ("tenant" in subject) checkPolicy(subject, report);
    else checkRole(subject.fact, report, graph);
  },
});

function checkPolicy({ fact, tenant }: GrantedPolicy, report: Report): void {
  const text: unknown = fact.policy;
  if (typeof text !== "string") throw new MalformedError(".policy", "is no text");
  for (const { path, capabilities } of parseVaultPolicy(text)) {
    if (capabilities.length === 0) continue;
    if (!isInTenantFolder(path, tenant)) {
      const allowed = `allowed is <mount>/data/tenants/${printable(tenant).slice(1, -1)}/…`;
      report(".policy", `path ${printable(path)} is not in the tenant's own folder; ${allowed}`);
    }
    for (const capability of ["sudo", "root"].filter((word) => capabilities.includes(word))) {
      report(".policy", `path ${printable(path)} grants ${capability}`);
    }
  }
}

function checkRole(role: VaultRoleNode, report: Report, graph: ResourceGraph): void {
  checkNamespaces(role, report, graph);
  checkAccounts(role, report);
  const audience: unknown = valueAt(role, "audience");
  if (typeof audience !== "string" || audience.trim() === "") {
    report(".audience", `is ${shown(audience)}; a token for another service would do as well`);
  }
  checkLifetime(role, report);
  textsAt(role, "policies").forEach((name, at) => {
    // Vault gives everybody the policy of this name.
    if (name === "default" || hasPolicy(graph, role.scope, name)) return;
    report(
      `.policies[${at}]`,
      `${printable(name)} is not in the graph, so nobody has looked at it`,
    );
  });
}

function checkNamespaces(role: VaultRoleNode, report: Report, graph: ResourceGraph): void {
  const bound = textsAt(role, "boundNamespaces");
  const tenant = tenantOfRole(graph, role);
  const { namesByTenant, platformNames } = clusterNamespaces(graph, role.scope.cluster);
  const own: readonly string[] =
    tenant === undefined
      ? [...platformNames]
      : (namesByTenant.get(tenant) ?? [tenantNamespace(tenant)]);
  const allowed = tenant === undefined ? PLATFORM_NAMESPACE : own.map(printable).join(" or ");
  bound.forEach((namespace, at) => {
    if (own.includes(namespace)) return;
    report(`.boundNamespaces[${at}]`, `is ${printable(namespace)}; allowed is ${allowed}`);
  });
  if (valueAt(role, "namespaceSelector") !== undefined) {
    report(".namespaceSelector", `lets in namespaces by their labels; name ${allowed}`);
  } else if (bound.length === 0) {
    report(".boundNamespaces", `is empty; name ${allowed}`);
  }
}

function checkAccounts(role: VaultRoleNode, report: Report): void {
  const accounts = textsAt(role, "boundServiceAccounts");
  if (accounts.length === 0) report(".boundServiceAccounts", "is empty; name each service account");
  accounts.forEach((account, at) => {
    if (account !== "" && account !== "default" && !account.includes("*")) return;
    const message = `is ${printable(account)}; no wildcard and no "default" is allowed`;
    report(`.boundServiceAccounts[${at}]`, message);
  });
}

function checkLifetime(role: VaultRoleNode, report: Report): void {
  for (const field of ["tokenTtlSeconds", "tokenMaxTtlSeconds"]) {
    const seconds = valueAt(role, field);
    if (typeof seconds === "number" && seconds > 0 && seconds <= ONE_HOUR) continue;
    report(`.${field}`, `is ${shown(seconds)}; allowed are 1 to ${ONE_HOUR}`);
  }
  const period = valueAt(role, "tokenPeriodSeconds");
  if (period !== undefined && period !== 0) {
    report(".tokenPeriodSeconds", `is ${shown(period)}; such a token is renewed for ever`);
  }
}
