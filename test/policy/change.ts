import { objectId } from "../../lib/kubernetes/object";
import type { KubernetesObject } from "../../lib/kubernetes/object";

export type Path = readonly (string | number)[];

/** One thing that a case does to compliant objects. */
export type Change =
  | { readonly set: string; readonly path: Path; readonly value: unknown }
  | { readonly add: KubernetesObject }
  | { readonly remove: string };

/** Puts a value into an object, found by its id; `undefined` removes the field. */
export function set(object: string, path: Path, value: unknown): Change {
  return { set: object, path, value };
}

/** The objects after some changes; the given ones stay as they are. */
export function changed(
  objects: readonly KubernetesObject[],
  changes: readonly Change[],
): KubernetesObject[] {
  let result = structuredClone([...objects]);
  for (const change of changes) {
    if ("add" in change) result.push(structuredClone(change.add));
    else if ("remove" in change) {
      find(result, change.remove);
      result = result.filter((object) => objectId(object) !== change.remove);
    } else write(find(result, change.set), change.path, change.value);
  }
  return result;
}

/** Writes into an object, making the objects on the way where they are missing. */
export function write(object: unknown, path: Path, value: unknown): void {
  let place = object as Record<string | number, unknown>;
  for (const [depth, key] of path.slice(0, -1).entries()) {
    place[key] ??= typeof path[depth + 1] === "number" ? [] : {};
    place = place[key] as Record<string | number, unknown>;
  }
  const last = path.at(-1)!;
  if (value === undefined) delete place[last];
  else place[last] = value;
}

/** Every path on the way to a place, itself included, the shortest first. */
export function prefixes(path: Path): Path[] {
  return path.map((_, depth) => path.slice(0, depth + 1));
}

/** Every path to something inside a value, in the order of a walk. */
export function placesIn(value: unknown): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const step = Array.isArray(value) ? Number(key) : key;
    return [[step], ...placesIn(member).map((path) => [step, ...path])];
  });
}

function find(objects: readonly KubernetesObject[], id: string): KubernetesObject {
  const found = objects.find((object) => objectId(object) === id);
  if (!found) throw new Error(`the fixture has no ${id}`);
  return found;
}
