import type { Path } from "./diff-path";
import { isQuantityPlace, sameQuantity } from "./diff-quantity";

/** A place at which two values differ. */
export interface ValueChange {
  readonly path: Path;
  /** @default - not there */
  readonly before?: unknown;
  /** @default - not there */
  readonly after?: unknown;
}

/** How two values are compared. */
export interface Comparison {
  /**
   * Whether what only the value before has counts. Without it, a map's further keys do not: an API server
   * fills in what nobody wrote. A list's further items do.
   */
  readonly whole: boolean;
}

/**
 * Every place at which two values differ, the deepest that can be named: a leaf, or a map or list that one of them
 * lacks. Items of lists in which each has a `name` of its own are matched by it, others by their index.
 * Quantities are compared by what they are worth.
 */
export function diffValues(
  before: unknown,
  after: unknown,
  comparison: Comparison,
  path: Path = [],
): ValueChange[] {
  if (isMap(before) && isMap(after)) return diffMaps(before, after, comparison, path);
  if (Array.isArray(before) && Array.isArray(after)) {
    return diffLists(before, after, comparison, path);
  }
  if (before === after || (isQuantityPlace(path) && sameQuantity(before, after))) return [];
  return [
    {
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}

type ValueMap = Readonly<Record<string, unknown>>;

function diffMaps(
  before: ValueMap,
  after: ValueMap,
  comparison: Comparison,
  path: Path,
): ValueChange[] {
  const keys = Object.keys(after);
  const all = comparison.whole ? new Set([...Object.keys(before), ...keys]) : keys;
  return [...all]
    .sort()
    .flatMap((key) =>
      diffValues(member(before, key), member(after, key), comparison, [...path, key]),
    );
}

/** A key such as "constructor" is a key like any other. */
function member(map: ValueMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function diffLists(
  before: readonly unknown[],
  after: readonly unknown[],
  comparison: Comparison,
  path: Path,
): ValueChange[] {
  const [old, now] = [itemsByName(before), itemsByName(after)];
  if (old !== undefined && now !== undefined) return diffNamed(old, now, comparison, path);
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
    diffValues(before[index], after[index], comparison, [...path, index]),
  ).flat();
}

type NamedItems = ReadonlyMap<string, unknown>;

function diffNamed(
  before: NamedItems,
  after: NamedItems,
  comparison: Comparison,
  path: Path,
): ValueChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changes = names.flatMap((name) =>
    diffValues(before.get(name), after.get(name), comparison, [...path, { name }]),
  );
  // The order of containers or variables may mean something, too.
  const [old, now] = [commonNames(before, after), commonNames(after, before)];
  return old.every((name, index) => name === now[index])
    ? changes
    : [{ path, before: old, after: now }, ...changes];
}

function commonNames(items: NamedItems, others: NamedItems): string[] {
  return [...items.keys()].filter((name) => others.has(name));
}

/** The items of a list by their names; undefined unless each has one of its own. */
function itemsByName(items: readonly unknown[]): NamedItems | undefined {
  const named = new Map<string, unknown>();
  for (const item of items) {
    const name = isMap(item) ? item["name"] : undefined;
    if (typeof name !== "string") return undefined;
    named.set(name, item);
  }
  return named.size === items.length ? named : undefined;
}

export function isMap(value: unknown): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
