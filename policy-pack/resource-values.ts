import { UNKNOWN } from "../lib/policy/reading/unknown";

/**
 * A resource's properties as plain values, with what is not known yet as `UNKNOWN`.
 *
 * CrossGuard hands over proxies that throw when an unknown value is read, and turns a policy that
 * lets the error through into an advisory note, whatever its level. So each field is read by itself,
 * and one that cannot be read, for whatever reason, is unknown: a rule that needs it then finds it
 * undecided, which is mandatory.
 */
export function resourceValues(properties: object): Record<string, unknown> {
  return members(properties);
}

function members(holder: object): Record<string, unknown> {
  // fromEntries defines own properties, so a key such as "__proto__" stays a key.
  return Object.fromEntries(Object.keys(holder).map((key) => [key, valueOf(holder, key)]));
}

function valueOf(holder: object, key: string | number): unknown {
  let value: unknown;
  try {
    value = (holder as Record<string | number, unknown>)[key];
  } catch {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    const list: object = value;
    return Array.from({ length: value.length }, (_, index) => valueOf(list, index));
  }
  return typeof value === "object" && value !== null ? members(value) : value;
}
