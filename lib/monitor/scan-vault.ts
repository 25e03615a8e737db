import type { VaultPolicyNode, VaultRoleNode } from "../policy/graph/graph";
import { isRecord, listOf, recordOf } from "../policy/reading/shape";
import { printable } from "../support/printable";
import { UsageError } from "../support/problem";
import { encodePath } from "../vault/kv-path";
import { VaultError, VaultForbidden, VaultRefused } from "../vault/vault-error";
import { VaultHttp } from "../vault/vault-http";
import type { VaultConnection } from "../vault/vault-http";

/** Who may do what in a Vault, as far as the login of service accounts goes. */
export interface VaultScan {
  readonly vaultPolicies: readonly VaultPolicyNode[];
  readonly vaultRoles: readonly VaultRoleNode[];
}

export interface VaultScanOptions {
  /** The cluster that it is scanned for, by its name in the reports. */
  readonly cluster: string;
  /** Other clusters of the fleet: the logins at `kubernetes/<name>` are theirs. @default none */
  readonly others?: readonly string[];
}

/** It has no text: what a role names it for is told by its not being there. */
const ROOT = "root";

/**
 * Every policy of a Vault, and every role of its Kubernetes logins. No secret is read.
 *
 * Source: https://developer.hashicorp.com/vault/api-docs/auth/kubernetes, …/system/policies, …/system/auth
 *
 * @throws UsageError for a Vault that does not answer, or does not show one of these.
 */
export async function scanVault(
  connection: VaultConnection,
  { cluster, others = [] }: VaultScanOptions,
): Promise<VaultScan> {
  const http = new VaultHttp(connection);
  try {
    const vault = new VaultReader(http);
    const scope = { cluster };
    const policies = await vault.policies();
    const roles: VaultRoleNode[] = [];
    for (const login of await vault.logins()) {
      if (others.some((other) => login.path === `kubernetes/${other}/`)) continue;
      for (const role of await vault.roles(login)) roles.push({ ...role, scope });
    }
    return {
      vaultPolicies: policies.map((policy) => ({ ...policy, scope })),
      vaultRoles: roles,
    };
  } catch (error) {
    throw failure(error);
  }
}

/** What cannot be seen is no pass. */
function failure(error: unknown): unknown {
  if (!(error instanceof VaultError)) return error;
  const mend = "give the scan's token the policy that 'atom audit role vault' prints";
  const message = error.message;
  return new UsageError("scan of the Vault", [
    { path: "", message, ...(error instanceof VaultForbidden ? { mend } : {}) },
  ]);
}

/** Where service accounts log in. */
interface Login {
  /** With a slash at its end: `kubernetes/eu-prod/`. */
  readonly path: string;
  /** Seconds that a role without its own gets; 0 for the server's. */
  readonly ttl: unknown;
  readonly maxTtl: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

class VaultReader {
  constructor(private readonly http: VaultHttp) {}

  async policies(): Promise<Omit<VaultPolicyNode, "scope">[]> {
    const folder = "sys/policies/acl";
    const found: Omit<VaultPolicyNode, "scope">[] = [];
    for (const name of await this.#list(folder)) {
      if (name === ROOT) continue;
      const { policy } = await this.#read(`${folder}/${encodePath(name)}`);
      if (typeof policy !== "string") throw this.#odd(folder);
      found.push({ id: `vault policy ${named(name)}`, name, policy });
    }
    return found;
  }

  async logins(): Promise<Login[]> {
    const mounts = await this.#read("sys/auth");
    return Object.entries(mounts).flatMap(([path, mount]): Login[] => {
      if (!isRecord(mount)) throw this.#odd("sys/auth");
      const { type, config } = mount;
      const { default_lease_ttl: ttl, max_lease_ttl: maxTtl } = recordOf(config);
      return type === "kubernetes" ? [{ path, ttl, maxTtl }] : [];
    });
  }

  async roles(login: Login): Promise<Omit<VaultRoleNode, "scope">[]> {
    const folder = `auth/${encodePath(login.path.replace(/\/$/, ""))}/role`;
    const found: Omit<VaultRoleNode, "scope">[] = [];
    for (const name of await this.#list(folder)) {
      const role = await this.#read(`${folder}/${encodePath(name)}`);
      found.push(roleNode(`${login.path}${name}`, name, role, login));
    }
    return found;
  }

  /** Names in a folder; none if there is no such folder. */
  async #list(url: string): Promise<string[]> {
    const answer = await this.#get(`${url}?list=true`, url);
    if (answer === undefined) return [];
    const { keys } = answer;
    const names = listOf(keys).filter((name) => typeof name === "string");
    if (!Array.isArray(keys) || names.length < keys.length) throw this.#odd(url);
    return names.sort();
  }

  /** What is gone since it was listed is odd: the scan is to be done again. */
  async #read(url: string): Promise<Fields> {
    const answer = await this.#get(url, url);
    if (answer === undefined) throw this.#odd(url);
    return answer;
  }

  async #get(url: string, path: string): Promise<Fields | undefined> {
    const { status, body } = await this.http.send({ method: "GET", url, path, repeatable: true });
    if (status === 404) return undefined;
    const { data } = recordOf(body);
    if (!isRecord(data)) throw this.#odd(path);
    return data;
  }

  #odd(path: string): VaultRefused {
    return new VaultRefused(this.http.server, path, "the answer is not what a Vault's should be");
  }
}

/** Every field as the server has it: what is odd in it is the rules' to say. */
function roleNode(
  path: string,
  name: string,
  role: Fields,
  login: Login,
): Omit<VaultRoleNode, "scope"> {
  const selector = role["bound_service_account_namespace_selector"];
  const audience = role["audience"];
  return {
    id: `vault role ${named(path)}`,
    name,
    boundNamespaces: role["bound_service_account_namespaces"] ?? [],
    boundServiceAccounts: role["bound_service_account_names"] ?? [],
    policies: role["token_policies"] ?? role["policies"] ?? [],
    tokenTtlSeconds: role["token_ttl"] || login.ttl,
    tokenMaxTtlSeconds: role["token_max_ttl"] || login.maxTtl,
    tokenPeriodSeconds: role["token_period"] ?? 0,
    // The server has an empty text where nothing was said.
    ...(selector === undefined || selector === "" ? {} : { namespaceSelector: selector }),
    ...(audience === undefined || audience === "" ? {} : { audience }),
  } as Omit<VaultRoleNode, "scope">;
}

/** As a person finds it, and never a line of its own. */
function named(text: string): string {
  return /^[\w.:/-]{1,253}$/.test(text) ? text : printable(text);
}
