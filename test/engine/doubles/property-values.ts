import { isDeepStrictEqual } from "node:util";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * Properties as they travel between engine and plugin, without marks of secrets: the doubles do not
 * accept secrets, so the engine sends plain values and marks what comes back under the same names
 * (`annotateSecrets` in pulumi/pulumi's pkg/resource/plugin/provider_plugin.go).
 */
export type Value =
  null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

export type Properties = Readonly<Record<string, Value>>;

/** Stands for a value that is not known before the deployment (sdk/go/common/resource/plugin/rpc.go). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A difference in one property. */
export interface PropertyChange {
  /** `stdin`, `triggers[0]`, `environment.PATH` */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** Whether the resource is replaced for it. */
  readonly replaces: boolean;
}

export function readProperties(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

/** Leaves out what is undefined. */
export function writeProperties(properties: Readonly<Record<string, Value | undefined>>): Struct {
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Struct.fromJavaScript(
    Object.fromEntries(given) as Parameters<typeof Struct.fromJavaScript>[0],
  );
}

export function textIn(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return typeof value === "string" ? value : undefined;
}

/** Where two values differ, each place once and as deep as it goes. */
export function differences(
  before: Value | undefined,
  after: Value | undefined,
  path: string,
): Omit<PropertyChange, "replaces">[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (before === undefined) return [{ path, kind: "add" }];
  if (after === undefined) return [{ path, kind: "delete" }];
  if (Array.isArray(before) && Array.isArray(after)) {
    const longer = before.length > after.length ? before : after;
    return longer.flatMap((_, index) =>
      differences(before[index] as Value, after[index] as Value, `${path}[${index}]`),
    );
  }
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], below(path, key)));
  }
  return [{ path, kind: "update" }];
}

/** A step of a property path (sdk/go/common/resource/property_path.go). */
function below(path: string, key: string): string {
  return /^[\w$]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function isObject(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
