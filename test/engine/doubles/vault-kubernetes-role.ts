import { textIn } from "./property-values";
import type { Properties, Value } from "./property-values";
import type { Json } from "./vault-client";
import type { VaultKind } from "./vault-kind";
import { attempt } from "./vault-kinds";

/** Each input that is sent as it is, and its name in Vault's API. */
const API_NAMES = {
  aliasNameSource: "alias_name_source",
  audience: "audience",
  boundServiceAccountNames: "bound_service_account_names",
  boundServiceAccountNamespaces: "bound_service_account_namespaces",
  tokenBoundCidrs: "token_bound_cidrs",
  tokenExplicitMaxTtl: "token_explicit_max_ttl",
  tokenMaxTtl: "token_max_ttl",
  tokenNoDefaultPolicy: "token_no_default_policy",
  tokenNumUses: "token_num_uses",
  tokenPeriod: "token_period",
  tokenPolicies: "token_policies",
  tokenTtl: "token_ttl",
  tokenType: "token_type",
} as const;

/** A role of the Kubernetes auth method: https://openbao.org/api-docs/auth/kubernetes. */
export const kubernetesRole: VaultKind = {
  fields: {
    roleName: { required: true, replaces: true },
    backend: { replaces: true, fallback: "kubernetes" },
    aliasNameSource: { computed: true },
    audience: {},
    boundServiceAccountNames: { required: true, isSet: true },
    boundServiceAccountNamespaces: { isSet: true },
    tokenBoundCidrs: { isSet: true },
    tokenExplicitMaxTtl: {},
    tokenMaxTtl: {},
    tokenNoDefaultPolicy: {},
    tokenNumUses: {},
    tokenPeriod: {},
    tokenPolicies: { isSet: true },
    tokenTtl: {},
    tokenType: { computed: true },
  },
  outputs: [],
  idOf: (inputs) => `auth/${textIn(inputs, "backend")}/role/${textIn(inputs, "roleName")}`,

  async create(vault, id, inputs) {
    await attempt(`error writing Kubernetes auth backend role "${id}"`, () =>
      vault.request("POST", id, bodyOf(inputs, {})),
    );
  },

  async read(vault, id) {
    const found = await attempt(`error reading Kubernetes auth backend role "${id}"`, () =>
      vault.read(id),
    );
    const [, backend, roleName] = /^auth\/(.+)\/role\/(.+)$/.exec(id) ?? [];
    const data = found?.["data"] as Json | undefined;
    return (
      data && {
        backend,
        roleName,
        ...Object.fromEntries(
          Object.entries(API_NAMES).map(([name, apiName]) => [name, data[apiName] as Value]),
        ),
      }
    );
  },

  async update(vault, id, inputs, state) {
    await attempt(`error updating Kubernetes auth backend role "${id}"`, () =>
      vault.request("POST", id, bodyOf(inputs, state)),
    );
  },

  async delete(vault, id) {
    await attempt(`error deleting Kubernetes auth backend role "${id}"`, () =>
      vault.request("DELETE", id),
    );
  },
};

/** What is given, and what was there before and is given no more, as empty. */
function bodyOf(inputs: Properties, state: Properties): Json {
  const body: Record<string, Value> = {};
  for (const [name, apiName] of Object.entries(API_NAMES)) {
    const given = inputs[name];
    if (given !== undefined) body[apiName] = given;
    else if (name in state && !kubernetesRole.fields[name]!.computed) {
      body[apiName] = emptyOf(state[name]!);
    }
  }
  return body;
}

function emptyOf(value: Value): Value {
  if (Array.isArray(value)) return [];
  return typeof value === "number" ? 0 : typeof value === "boolean" ? false : "";
}
