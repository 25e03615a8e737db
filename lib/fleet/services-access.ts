import type { VaultAccess } from "../chart/chart-service";
import type { ChartValues } from "../chart/values";
import { planTenantAccess } from "../vault/access";
import type { TenantAccess, TenantAccessArgs } from "../vault/access";

/** What a service account's token has to be issued for before Vault takes it. */
const VAULT_AUDIENCE = "vault";

/** The policy and the role of the services that name a secret; undefined if none does. */
export function planServicesAccess(
  { services }: ChartValues,
  place: Omit<TenantAccessArgs, "serviceAccounts" | "audience">,
): TenantAccess | undefined {
  const serviceAccounts = Object.entries(services)
    .filter(([, { enabled, secrets }]) => enabled && secrets.length > 0)
    .map(([service]) => service)
    .sort();
  if (serviceAccounts.length === 0) return undefined;
  return planTenantAccess({ ...place, serviceAccounts, audience: VAULT_AUDIENCE });
}

/** What the chart is told of a Vault in which there is that role. */
export function vaultAccessOf(
  { roleName, audience }: TenantAccess,
  vault: Pick<VaultAccess, "address" | "mount" | "secrets">,
): VaultAccess {
  return { ...vault, role: roleName, audience };
}
