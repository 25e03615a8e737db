import type { KubernetesObject } from "./object";

/**
 * The objects that a manifest's document stands for: itself, or what a `List` or a typed list such
 * as `PodList` holds, lists in lists included. Items of a typed list bear no kind of their own on
 * the wire; they get that of the list. An item is not checked: what is no object comes back as it
 * is, so that whoever decides over objects sees it.
 *
 * A list that cannot be read, because its items are no list or it holds itself, comes back whole.
 */
export function expandList(document: KubernetesObject): KubernetesObject[] {
  // Most are no list, and need no place in one.
  if (itemsOf(document) === undefined) return [document];
  return expandPlaces(document).map(({ object }) => object);
}

/** An object of a document, and the path that leads to it; empty if it is the document itself. */
export interface ListedObject {
  readonly object: KubernetesObject;
  readonly path: readonly (string | number)[];
}

/** What {@link expandList} gives, each with its place in the document. */
export function expandPlaces(document: KubernetesObject): ListedObject[] {
  return expand({ object: document, path: [] }, []);
}

function expand(listed: ListedObject, around: readonly unknown[]): ListedObject[] {
  const { object: document, path } = listed;
  const items = itemsOf(document);
  if (items === undefined || around.includes(document) || around.length >= DEEPEST) {
    return [listed];
  }
  const inside = [...around, document];
  return items.flatMap((item, index) =>
    expand({ object: typed(item, document), path: [...path, "items", index] }, inside),
  );
}

/** Nobody nests lists by hand; a deeper one is meant to exhaust the stack. */
const DEEPEST = 20;

function itemsOf(document: unknown): readonly KubernetesObject[] | undefined {
  if (typeof document !== "object" || document === null) return undefined;
  // Whatever its kind: kubectl takes an object with items for a list, and applies them in its place.
  const { kind, items } = document as { kind?: unknown; items?: unknown };
  if (typeof kind !== "string" || !Object.hasOwn(document, "items")) return undefined;
  if (items === null) return [];
  return Array.isArray(items) ? (items as KubernetesObject[]) : undefined;
}

/** An item with the kind and version that a typed list gives to it. */
function typed(item: KubernetesObject, list: KubernetesObject): KubernetesObject {
  const kind = list.kind.replace(/List$/, "");
  if (kind === "" || typeof item !== "object" || item === null || Array.isArray(item)) return item;
  const { apiVersion = list.apiVersion, kind: own = kind } = item as Partial<KubernetesObject>;
  return apiVersion === item.apiVersion && own === item.kind
    ? item
    : { ...item, apiVersion, kind: own };
}
