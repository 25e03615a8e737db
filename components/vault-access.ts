import * as pulumi from "@pulumi/pulumi";
import * as vault from "@pulumi/vault";
import type { TenantAccess } from "../lib/vault/access";
import type { VaultReference } from "./vault-reference";

/** The Vault policy that reaches one tenant's secrets only, and the role its services log in with. */
export function createVaultAccess(
  name: string,
  { authPath, provider }: VaultReference,
  access: TenantAccess,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const childOptions = pulumi.mergeOptions(options, { provider });
  const policy = new vault.Policy(
    name,
    { name: access.policyName, policy: access.policyHcl },
    childOptions,
  );
  const role = new vault.kubernetes.AuthBackendRole(
    name,
    {
      backend: authPath,
      roleName: access.roleName,
      boundServiceAccountNames: [...access.boundServiceAccounts],
      boundServiceAccountNamespaces: [...access.boundNamespaces],
      audience: access.audience,
      tokenPolicies: [policy.name],
      tokenTtl: access.tokenTtlSeconds,
      tokenMaxTtl: access.tokenTtlSeconds,
    },
    childOptions,
  );
  return [policy, role];
}
