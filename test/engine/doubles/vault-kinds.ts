import { textIn } from "./property-values";
import type { Properties } from "./property-values";
import { VaultAnswerError } from "./vault-client";
import type { Json, VaultClient } from "./vault-client";
import type { VaultKind } from "./vault-kind";

/** A secrets engine: https://openbao.org/api-docs/system/mounts. */
export const mount: VaultKind = {
  fields: {
    path: { required: true, fixed: true },
    type: { required: true, replaces: true },
    description: {},
    options: {},
    defaultLeaseTtlSeconds: { computed: true },
    maxLeaseTtlSeconds: { computed: true },
    local: { replaces: true },
    sealWrap: { computed: true, replaces: true },
    externalEntropyAccess: { replaces: true, fallback: false },
  },
  outputs: ["accessor", "forceNoCache"],
  idOf: (inputs) => textIn(inputs, "path")!,

  async create(vault, id, inputs) {
    await attempt("error writing to Vault", () =>
      vault.request("POST", `sys/mounts/${id}`, {
        type: inputs["type"],
        description: inputs["description"] ?? "",
        options: inputs["options"] ?? {},
        config: leases(inputs),
        local: inputs["local"] ?? false,
        seal_wrap: inputs["sealWrap"] ?? false,
        external_entropy_access: inputs["externalEntropyAccess"] ?? false,
      }),
    );
  },

  async read(vault, id, inputs) {
    const found = await readMount(vault, `sys/mounts/${id}`);
    if (found === undefined) return undefined;
    const config = found["config"] as Json;
    const options = (found["options"] ?? {}) as Record<string, string>;
    // Vault keeps the type kv-v2 as kv with an option.
    const isAlias = inputs["type"] === "kv-v2" && found["type"] === "kv";
    const { version, ...others } = options;
    return {
      path: id,
      type: isAlias ? "kv-v2" : (found["type"] as string),
      description: found["description"] as string,
      options: isAlias && !("version" in namedOptions(inputs)) && version ? others : options,
      defaultLeaseTtlSeconds: config["default_lease_ttl"] as number,
      maxLeaseTtlSeconds: config["max_lease_ttl"] as number,
      forceNoCache: (config["force_no_cache"] ?? false) as boolean,
      local: found["local"] as boolean,
      sealWrap: found["seal_wrap"] as boolean,
      externalEntropyAccess: (found["external_entropy_access"] ?? false) as boolean,
      accessor: found["accessor"] as string,
    };
  },

  async update(vault, id, inputs, state) {
    await attempt("error updating Vault", () =>
      vault.request("POST", `sys/mounts/${id}/tune`, {
        ...leases({ ...state, ...inputs }),
        description: inputs["description"] ?? "",
        options: inputs["options"] ?? {},
      }),
    );
  },

  async delete(vault, id) {
    await attempt("error deleting from Vault", () => vault.request("DELETE", `sys/mounts/${id}`));
  },
};

/** An auth method: https://openbao.org/api-docs/system/auth. */
export const authBackend: VaultKind = {
  fields: {
    type: { required: true, replaces: true },
    path: { computed: true, fixed: true },
    description: {},
    local: { replaces: true },
    disableRemount: {},
  },
  outputs: ["accessor"],
  idOf: (inputs) => textIn(inputs, "path") ?? textIn(inputs, "type")!,

  async create(vault, id, inputs) {
    await attempt("error writing to Vault", () =>
      vault.request("POST", `sys/auth/${id}`, {
        type: inputs["type"],
        description: inputs["description"] ?? "",
        local: inputs["local"] ?? false,
      }),
    );
  },

  async read(vault, id, inputs) {
    const found = await readMount(vault, `sys/auth/${id}`);
    return (
      found && {
        path: id,
        type: found["type"] as string,
        description: found["description"] as string,
        local: found["local"] as boolean,
        accessor: found["accessor"] as string,
        disableRemount: inputs["disableRemount"],
      }
    );
  },

  async update(vault, id, inputs) {
    await attempt("error updating Vault", () =>
      vault.request("POST", `sys/auth/${id}/tune`, { description: inputs["description"] ?? "" }),
    );
  },

  async delete(vault, id) {
    await attempt("error disabling auth from Vault", () =>
      vault.request("DELETE", `sys/auth/${id}`),
    );
  },
};

/** A policy: https://openbao.org/api-docs/system/policies. */
export const policy: VaultKind = {
  fields: { name: { required: true, replaces: true }, policy: { required: true } },
  outputs: [],
  idOf: (inputs) => textIn(inputs, "name")!,

  async create(vault, id, inputs) {
    await attempt("error writing to Vault", () =>
      vault.request("PUT", `sys/policies/acl/${id}`, { policy: inputs["policy"] }),
    );
  },

  async read(vault, id) {
    const found = await attempt("error reading from Vault", () =>
      vault.read(`sys/policies/acl/${id}`),
    );
    const text = (found?.["data"] as Json | undefined)?.["policy"];
    return typeof text === "string" ? { name: id, policy: text } : undefined;
  },

  update: (vault, id, inputs) => policy.create(vault, id, inputs),

  async delete(vault, id) {
    await attempt("error deleting from Vault", () =>
      vault.request("DELETE", `sys/policies/acl/${id}`),
    );
  },
};

/** A secrets engine or an auth method; Vault answers 400 if there is none at the path. */
async function readMount(vault: VaultClient, path: string): Promise<Json | undefined> {
  try {
    const { data } = await vault.request("GET", path);
    return data as Json;
  } catch (error) {
    const isGone =
      error instanceof VaultAnswerError &&
      error.reasons.some((reason) => /^No (secret|auth) engine/.test(reason));
    if (isGone) return undefined;
    throw prefixed("error reading from Vault", error);
  }
}

function leases(properties: Properties): Record<string, string> {
  const seconds = (name: string): string => `${(properties[name] ?? 0) as number}s`;
  return {
    default_lease_ttl: seconds("defaultLeaseTtlSeconds"),
    max_lease_ttl: seconds("maxLeaseTtlSeconds"),
  };
}

function namedOptions(inputs: Properties): Record<string, unknown> {
  return (inputs["options"] ?? {}) as Record<string, unknown>;
}

/** @throws Error that begins with what was attempted. */
export async function attempt<Result>(
  what: string,
  request: () => Promise<Result>,
): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    throw prefixed(what, error);
  }
}

function prefixed(what: string, error: unknown): Error {
  return new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
}
