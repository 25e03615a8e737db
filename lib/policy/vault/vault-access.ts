import { tenantNamespace } from "../../kubernetes/names";
import { groupBy } from "../../support/group-by";
import type { ResourceGraph, Scope, VaultPolicyNode, VaultRoleNode } from "../graph/graph";
import { scopeKey } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { listOf } from "../reading/shape";
import type { VaultPolicySubject } from "../subjects/fact-subjects";
import { vaultPolicies } from "../subjects/fact-subjects";
import { namespaceOwner } from "../tenants/tenant-namespaces";

/** A policy and the tenant that it is granted to. */
export interface GrantedPolicy extends VaultPolicySubject {
  readonly tenant: string;
}

/** The folders and verbs of KV version 2 in which a tenant has one of its own. */
const KV_VERBS = ["data", "metadata", "delete", "undelete", "destroy", "subkeys"];
const PREFIX = tenantNamespace("");
/** Mounts that Vault keeps for itself. */
const SYSTEM_MOUNTS = ["sys", "auth", "identity", "cubbyhole"];

/** Whose a role is: the tenant that brought it, or whose namespace it lets in. */
export function tenantOfRole(graph: ResourceGraph, role: VaultRoleNode): string | undefined {
  const { cluster, tenant } = role.scope;
  if (tenant !== undefined) return tenant;
  for (const namespace of listOf(role.boundNamespaces)) {
    if (typeof namespace !== "string") continue;
    const owner = namespaceOwner(graph, cluster, namespace);
    if (owner !== undefined) return owner;
    // A scan of a Vault alone has no Namespace objects.
    if (namespace.startsWith(PREFIX)) return namespace.slice(PREFIX.length);
  }
  return undefined;
}

/** Every policy that a tenant brought or that one of its roles names, once for each such tenant. */
export function grantedPolicies(graph: ResourceGraph): readonly GrantedPolicy[] {
  const grants = tenantsByPolicy(graph);
  return vaultPolicies(graph).flatMap((subject, index) => {
    const policy = graph.vaultPolicies[index]!;
    const named = grants.get(policyKey(policy.scope, policy.name)) ?? [];
    const own = policy.scope.tenant === undefined ? [] : [policy.scope.tenant];
    return [...new Set([...own, ...named])].map((tenant) => ({ ...subject, tenant }));
  });
}

/** Whether a cluster has a policy of that name. */
export function hasPolicy(graph: ResourceGraph, scope: Scope, name: string): boolean {
  return policiesByName(graph).has(policyKey(scope, name));
}

const policiesByName = perGraph((graph) =>
  groupBy(graph.vaultPolicies, ({ scope, name }: VaultPolicyNode) => policyKey(scope, name)),
);

const tenantsByPolicy = perGraph((graph): ReadonlyMap<string, readonly string[]> => {
  const grants = graph.vaultRoles.flatMap((role) => {
    const tenant = tenantOfRole(graph, role);
    if (tenant === undefined) return [];
    return listOf(role.policies).map((name) => ({ key: policyKey(role.scope, name), tenant }));
  });
  return new Map(
    [...groupBy(grants, ({ key }) => key)].map(([key, group]) => [
      key,
      group.map(({ tenant }) => tenant),
    ]),
  );
});

/** Policies are a Vault's, of which each cluster has one. */
function policyKey({ cluster }: Scope, name: unknown): string {
  return scopeKey({ cluster, tenant: typeof name === "string" ? name : "" });
}

/**
 * Whether a policy's path stays in the folder of one tenant: `<mount>/data/tenants/<tenant>/…`, or
 * anywhere in a mount named as the tenant's namespace. Up to the tenant's own segment there is no
 * wildcard and no template, and the slash behind it keeps `t1` out of `t10`.
 */
export function isInTenantFolder(path: string, tenant: string): boolean {
  const segments = path.split("/");
  // Only the last may be empty: that is a folder.
  const odd =
    segments.slice(0, -1).includes("") || segments.some((segment) => /^\.\.?$/.test(segment));
  if (odd) return false;
  const own = tenantNamespace(tenant);
  if (segments[0] === own) return segments.length > 1;
  const folder = segments.findIndex(
    (segment, at) => segment === "tenants" && at >= 2 && KV_VERBS.includes(segments[at - 1]!),
  );
  const mount = segments.slice(0, folder);
  return (
    folder > 0 &&
    segments[folder + 1] === tenant &&
    segments.length > folder + 2 &&
    !SYSTEM_MOUNTS.includes(mount[0]!) &&
    // The mount of another tenant, which may have such a folder, too.
    !mount[0]!.startsWith(PREFIX) &&
    !mount.some((segment) => /[*+{]/.test(segment))
  );
}
