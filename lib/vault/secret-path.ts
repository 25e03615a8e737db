import { LONGEST_TENANT_NAME, nameProblem, printable } from "../kubernetes/names";
import { secretPathProblem } from "../kubernetes/secret-path";

/** Where the secrets of all tenants are, below the mount. */
const TENANTS = "tenants";

/** The folder of one tenant's secrets. Its slash keeps `t1` apart from `t10`. */
export function tenantFolder(tenant: string): string {
  return `${TENANTS}/${tenant}/`;
}

/** The path of a tenant's secret below the mount: `tenants/acme/database`. */
export function tenantSecretPath(tenant: string, secret: string): string {
  return tenantFolder(tenant) + secret;
}

/** The tenant that a path belongs to, or undefined for a path outside any tenant's folder. */
export function tenantOf(path: string): string | undefined {
  const [root, tenant, ...rest] = path.split("/");
  if (root !== TENANTS || tenant === undefined || rest.length === 0) return undefined;
  return nameProblem(tenant, LONGEST_TENANT_NAME) === undefined ? tenant : undefined;
}

/**
 * Why a text may not be opted into replication; undefined if it may: one secret of a tenant
 * (`tenants/acme/database`), or a folder with all below it (`tenants/acme/`).
 */
export function optInProblem(path: string): string | undefined {
  const tenant = tenantOf(path);
  if (tenant === undefined) {
    return `${printable(path)} is not in a tenant's folder; write tenants/<tenant>/<secret>`;
  }
  const secret = path.slice(tenantFolder(tenant).length);
  return secret === "" ? undefined : secretPathProblem(secret.replace(/\/$/, ""));
}
