import { listOf, recordOf } from "../policy/reading/shape";
import type { KubeApi } from "../topology/kube-api";
import { KubeApiError } from "../topology/kube-api";
import { ask } from "./ask";
import { acceptFor, readObject } from "./read-object";
import type { LiveObject } from "./read-object";
import type { ServedKind } from "./served-kinds";

/** All objects of a kind, as they were at one time. */
export interface ObjectList {
  readonly objects: readonly LiveObject[];
  /** From where a watch goes on. */
  readonly resourceVersion: string;
}

/** Objects of one answer. */
const PAGE = 500;
/** How often a list is begun whose pages are forgotten before it has ended. */
const BEGINNINGS = 4;

/**
 * All objects of a kind in all namespaces, page by page. A list that takes so long that the server
 * forgets where it was (410) begins again.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 *
 * @throws KubeApiError, with code 404 if the kind is no longer served.
 */
export async function listObjects(
  api: KubeApi,
  kind: ServedKind,
  signal?: AbortSignal,
): Promise<ObjectList> {
  for (let beginning = 1; ; beginning += 1) {
    try {
      return await listOnce(api, kind, signal);
    } catch (error) {
      const forgotten = error instanceof KubeApiError && error.code === "410";
      if (!forgotten || beginning >= BEGINNINGS) throw error;
    }
  }
}

async function listOnce(
  api: KubeApi,
  kind: ServedKind,
  signal: AbortSignal | undefined,
): Promise<ObjectList> {
  const objects: LiveObject[] = [];
  let next: string | undefined;
  for (;;) {
    const further = next === undefined ? "" : `&continue=${encodeURIComponent(next)}`;
    const path = `${kind.path}?limit=${PAGE}${further}`;
    const answer = await ask(api, path, { accept: acceptFor(kind, "list"), signal });
    if (answer === undefined) throw new KubeApiError("404");
    const { items, metadata } = recordOf(answer);
    const { continue: more, resourceVersion } = recordOf(metadata);
    // A list without a version is none, and an object without a list would be missing without a word.
    if (!isList(items) || typeof resourceVersion !== "string") throw new KubeApiError("no list");
    objects.push(...listOf(items).map((item) => readObject(kind, item)));
    if (typeof more !== "string" || more === "") return { objects, resourceVersion };
    next = more;
  }
}

/** Go writes an empty list as null. */
function isList(items: unknown): boolean {
  return Array.isArray(items) || items === null;
}
