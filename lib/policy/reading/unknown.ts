import { fieldOf } from "./read";

/**
 * Stands in a graph for a value that is not known yet, such as an output of a resource that a
 * preview has not made.
 */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** Thrown when a rule cannot decide. The evaluation counts the subject as undecided: a violation. */
export class UndecidedError extends Error {
  /** Path from the object's root; empty for the whole of it. */
  readonly field: string;

  constructor(field: string, reason = `${field === "" ? "value" : field} is not known yet`) {
    super(reason);
    this.name = "UndecidedError";
    this.field = field;
  }
}

/**
 * A view of a value in which reading an unknown throws {@link UndecidedError}. A rule is plain code
 * over plain objects and still cannot take an unknown for a pass: `privileged !== true` throws
 * before it compares. A value without unknowns is returned as it is, at no cost to the rules.
 */
export function guardUnknown<T>(value: T): T {
  return holdsUnknown(value) ? (guarded(value, "") as T) : value;
}

/** Whether there is an unknown anywhere in a value. Survives deep, shared and circular values. */
export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return holdsInSmall(value, 0, { left: MOST_PLACES }) ?? holdsInAny(value);
}

/** An object of ordinary size is looked through in half the time if no place is remembered. */
const MOST_PLACES = 2_000;
const DEEPEST = 40;

/** Undefined where the value is so big or so deep that it may be built to be endless. */
function holdsInSmall(place: object, depth: number, budget: { left: number }): boolean | undefined {
  budget.left -= 1;
  if (budget.left < 0 || depth > DEEPEST) return undefined;
  if (Array.isArray(place)) return holdsInList(place, depth, budget);
  for (const key in place) {
    const member: unknown = (place as Record<string, unknown>)[key];
    if (member === UNKNOWN) return true;
    if (typeof member !== "object" || member === null) continue;
    const holds = holdsInSmall(member, depth + 1, budget);
    if (holds !== false) return holds;
  }
  return false;
}

function holdsInList(
  list: readonly unknown[],
  depth: number,
  budget: { left: number },
): boolean | undefined {
  // Holes cost nothing to make, and time to pass over.
  if (list.length > budget.left) return undefined;
  for (let index = 0; index < list.length; index += 1) {
    const member = list[index];
    if (member === UNKNOWN) return true;
    if (typeof member !== "object" || member === null) continue;
    const holds = holdsInSmall(member, depth + 1, budget);
    if (holds !== false) return holds;
  }
  return false;
}

function holdsInAny(value: object): boolean {
  const seen = new Set<object>([value]);
  // A set's iteration also visits what is added to it on the way.
  for (const place of seen) {
    for (const member of Object.values(place) as unknown[]) {
      if (member === UNKNOWN) return true;
      if (typeof member === "object" && member !== null) seen.add(member);
    }
  }
  return false;
}

function guarded(value: unknown, path: string): unknown {
  if (value === UNKNOWN) throw new UndecidedError(path);
  if (typeof value !== "object" || value === null) return value;
  // Over a copy: a proxy of a frozen object may not give back another value than the object's own.
  const copy: object = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  return new Proxy(copy, {
    // Object.entries, spreads and the methods of arrays read the elements through this trap too.
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver);
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) return member;
      return guarded(member, step(target, path, key));
    },
  });
}

function step(target: object, path: string, key: string): string {
  const field = path + fieldOf([Array.isArray(target) ? Number(key) : key]);
  return field.startsWith(".") ? field.slice(1) : field;
}
