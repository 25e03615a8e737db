import {
  isDnsLabel,
  isDnsSubdomain,
  nameProblem,
  printable,
  tenantNamespace,
} from "../kubernetes/names";
import { LONGEST_TENANT_NAME } from "../kubernetes/names";
import { Problems } from "../support/problem";
import { tenantFolder } from "./secret-path";

/** Who is to read one tenant's secrets on one cluster. */
export interface TenantAccessArgs {
  readonly tenant: string;
  readonly cluster: string;
  /** The tenant's one namespace, `tenant-<name>`. */
  readonly namespace: string;
  /** The KV version 2 mount: `atom`, or `team/atom`. */
  readonly mount: string;
  /** Service accounts that may log in, each by name. */
  readonly serviceAccounts: readonly string[];
  /** The audience that a service account's token has to be issued for: `vault`. */
  readonly audience: string;
}

/** A policy and a role of the Kubernetes auth method. */
export interface TenantAccess {
  readonly policyName: string;
  /** HCL. */
  readonly policyHcl: string;
  /** The paths of the policy, as in the HCL. */
  readonly paths: readonly string[];
  readonly roleName: string;
  readonly boundNamespaces: readonly string[];
  /** Sorted. */
  readonly boundServiceAccounts: readonly string[];
  readonly audience: string;
  readonly tokenTtlSeconds: number;
}

const ONE_HOUR = 3600;
const AUDIENCE = /^[A-Za-z0-9][-A-Za-z0-9._:/]{0,253}$/;

/**
 * What lets a tenant's services read the tenant's own secrets and nothing else (rule P1-DATA-4):
 * values are read, metadata read and listed, below the tenant's folder. The slash at the folder's
 * end keeps `t1` out of `t10`.
 *
 * Policy and role are named `atom.<cluster>.<tenant>`: neither name has a dot, so no two pairs share one.
 *
 * @throws UsageError with every field that is not allowed.
 */
export function planTenantAccess(args: TenantAccessArgs): TenantAccess {
  check(args);
  const name = `atom.${args.cluster}.${args.tenant}`;
  const folder = tenantFolder(args.tenant);
  const rules = [
    { path: `${args.mount}/data/${folder}*`, capabilities: ["read"] },
    { path: `${args.mount}/metadata/${folder}*`, capabilities: ["list", "read"] },
  ];
  return {
    policyName: name,
    policyHcl: rules.map(hclRule).join("\n"),
    paths: rules.map(({ path }) => path),
    roleName: name,
    boundNamespaces: [args.namespace],
    boundServiceAccounts: [...new Set(args.serviceAccounts)].sort(),
    audience: args.audience,
    tokenTtlSeconds: ONE_HOUR,
  };
}

/** Paths were checked to hold nothing that HCL would read as more than text. */
function hclRule({
  path,
  capabilities,
}: {
  path: string;
  capabilities: readonly string[];
}): string {
  const list = capabilities.map((capability) => `"${capability}"`).join(", ");
  return `path "${path}" {\n  capabilities = [${list}]\n}\n`;
}

function check(args: TenantAccessArgs): void {
  const { tenant, cluster, namespace, mount, serviceAccounts, audience } = args;
  const problems = new Problems();
  const report = (path: string, problem: string | undefined) => {
    if (problem !== undefined) problems.add(path, problem);
  };
  report("tenant", nameProblem(tenant, LONGEST_TENANT_NAME));
  report("cluster", nameProblem(cluster));
  report("mount", mountProblem(mount));
  if (namespace !== tenantNamespace(tenant)) {
    problems.add("namespace", `${printable(namespace)} is not the tenant's own namespace`);
  }
  if (serviceAccounts.length === 0) {
    problems.add("serviceAccounts", "is empty; name each service account that may log in");
  }
  serviceAccounts.forEach((account, index) => {
    if (isDnsSubdomain(account) && account !== "default") return;
    problems.add(
      `serviceAccounts[${index}]`,
      `${printable(account)} is no service account's own name; no wildcard and not "default"`,
    );
  });
  if (!AUDIENCE.test(audience)) {
    problems.add("audience", `${printable(audience)} is not allowed; write one such as vault`);
  }
  problems.throwIfAny("tenant's access to Vault");
}

/** Mounts that Vault keeps for itself. */
const SYSTEM_MOUNTS = ["sys", "auth", "identity", "cubbyhole"];

/** Why a text may not be the KV mount; undefined if it may. */
export function mountProblem(mount: string): string | undefined {
  const segments = mount.split("/");
  return segments.every(isDnsLabel) && !SYSTEM_MOUNTS.includes(segments[0]!)
    ? undefined
    : `${printable(mount)} is no KV mount; use a-z, 0-9 and '-', with single slashes between`;
}
