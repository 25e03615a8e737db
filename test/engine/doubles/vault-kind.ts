import { isDeepStrictEqual } from "node:util";
import { UNKNOWN } from "./property-values";
import type { Properties, PropertyChange, Value } from "./property-values";
import type { ResourceKind, State } from "./resource-provider";
import type { VaultClient } from "./vault-client";

/** One input of a type of resource. */
export interface VaultField {
  readonly required?: true;
  /** A change replaces the resource. */
  readonly replaces?: true;
  /** Vault chooses a value if the program gives none. */
  readonly computed?: true;
  /** A list whose order is of no matter. */
  readonly isSet?: true;
  readonly fallback?: Value;
  /** The double refuses to change it, because it cannot tell what the genuine provider would do. */
  readonly fixed?: true;
}

/** A type of resource in Vault; what its methods do is one or two requests. */
export interface VaultKind {
  readonly fields: Readonly<Record<string, VaultField>>;
  /** Names of what only Vault chooses. */
  readonly outputs: readonly string[];
  idOf(inputs: Properties): string;
  create(vault: VaultClient, id: string, inputs: Properties): Promise<void>;
  /** @returns undefined if it is gone. */
  read(vault: VaultClient, id: string, inputs: Properties): Promise<State | undefined>;
  update(vault: VaultClient, id: string, inputs: Properties, state: Properties): Promise<void>;
  delete(vault: VaultClient, id: string): Promise<void>;
}

/**
 * The behaviour that Terraform's SDK and Pulumi's bridge to it give every resource of the genuine
 * provider: a value that is empty is as good as none, what the program leaves to Vault is unknown at
 * preview and is no difference later, and a drift is a difference to the recorded state.
 */
export function bridged(kind: VaultKind, vault: () => VaultClient): ResourceKind {
  const fields = Object.entries(kind.fields);

  async function stateOf(id: string, inputs: Properties): Promise<State> {
    const state = await kind.read(vault(), id, inputs);
    if (state === undefined)
      throw new Error(`'${id}' is gone from Vault as soon as it was written`);
    return state;
  }

  return {
    check(inputs) {
      const missing = fields.filter(([name, { required }]) => required && isEmpty(inputs[name]));
      const unknown = Object.keys(inputs).filter((name) => !(name in kind.fields));
      const fallbacks = fields.flatMap(([name, { fallback }]) =>
        fallback === undefined ? [] : [[name, fallback] as const],
      );
      return {
        inputs: { ...Object.fromEntries(fallbacks), ...inputs },
        problems: [
          ...missing.map(([property]) => ({ property, reason: "Missing required argument" })),
          ...unknown.map((property) => ({
            property,
            reason: `this DOUBLE knows ${Object.keys(kind.fields).join(", ")}`,
          })),
        ],
      };
    },

    changes: (state, inputs) =>
      fields.flatMap(([name, field]): PropertyChange[] => {
        const change = changeOf(field, state[name], inputs[name]);
        if (change === undefined) return [];
        if (field.fixed) throw new Error(`this DOUBLE does not change '${name}' of a resource`);
        return [{ path: name, kind: change, replaces: field.replaces ?? false }];
      }),

    preview(inputs, state) {
      const chosen = fields.flatMap(([name, { computed }]) => (computed ? [name] : []));
      const known = Object.entries(state ?? {}).filter(([name]) => !(name in kind.fields));
      return {
        ...Object.fromEntries(kind.outputs.map((name) => [name, UNKNOWN])),
        ...Object.fromEntries(known),
        ...Object.fromEntries(chosen.map((name) => [name, state?.[name] ?? UNKNOWN])),
        ...inputs,
      };
    },

    async create(inputs) {
      const id = kind.idOf(inputs);
      await kind.create(vault(), id, inputs);
      return { id, state: await stateOf(id, inputs) };
    },

    async read(id, recorded) {
      const state = await kind.read(vault(), id, recorded.inputs);
      if (state === undefined) return undefined;
      const inputs = fields.map(([name, field]) => [
        name,
        inputAfterRead(field, recorded.inputs[name], state[name]),
      ]);
      return { state, inputs: Object.fromEntries(inputs) as State };
    },

    async update(id, state, inputs) {
      await kind.update(vault(), id, inputs, state);
      return stateOf(id, inputs);
    },

    delete: (id) => kind.delete(vault(), id),
  };
}

function changeOf(
  field: VaultField,
  before: Value | undefined,
  after: Value | undefined,
): PropertyChange["kind"] | undefined {
  if (after === undefined && field.computed) return undefined;
  if (isSame(field, before, after)) return undefined;
  if (isEmpty(before)) return "add";
  return isEmpty(after) ? "delete" : "update";
}

/** The input as it was given while it says the same, or else what Vault has. */
function inputAfterRead(
  field: VaultField,
  given: Value | undefined,
  found: Value | undefined,
): Value | undefined {
  return isSame(field, given, found) || (given === undefined && field.computed) ? given : found;
}

function isSame(field: VaultField, one: Value | undefined, other: Value | undefined): boolean {
  if (isEmpty(one) || isEmpty(other)) return isEmpty(one) && isEmpty(other);
  return isDeepStrictEqual(ordered(field, one), ordered(field, other));
}

function ordered(field: VaultField, value: Value | undefined): unknown {
  return field.isSet && Array.isArray(value) ? [...(value as Value[])].sort() : value;
}

function isEmpty(value: Value | undefined): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return !value;
}
