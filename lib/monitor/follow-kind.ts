import { setTimeout as sleep } from "node:timers/promises";
import { recordOf } from "../policy/reading/shape";
import type { KubeApi } from "../topology/kube-api";
import { KubeApiError } from "../topology/kube-api";
import { delayBefore } from "./ask";
import { listObjects } from "./list-objects";
import { acceptFor, readObject } from "./read-object";
import type { LiveObject } from "./read-object";
import { kubeApiError } from "./scan-failure";
import type { ServedKind } from "./served-kinds";

/** Who wants to know of the objects of a kind. */
export interface Follower {
  /** Called with every object after each whole list. */
  listed(objects: readonly LiveObject[]): void;
  changed(object: LiveObject): void;
  removed(object: LiveObject): void;
  /** Called once the server shows the kind again. */
  seen(): void;
  /** @param failures one after the other, from 1. */
  unseen(error: KubeApiError, failures: number): void;
}

/** After so long a server ends a watch, so that none is older than that. */
const WATCH_SECONDS = 300;
/** What the end of a watch may come late. */
const GRACE_SECONDS = 30;
/** A server that ends each watch at once is not asked in a circle. */
const SHORTEST_MILLISECONDS = 1_000;
/** Codes of a connection that was lost or refused, and of a server that is overloaded or away. */
const LOST = /^(E[A-Z_]+|no answer|429|5[0-9]{2})$/;

/**
 * Follows all objects of a kind until it is stopped: a list, then watches from where the last one ended.
 * What fails is tried again, less and less often, half a minute apart at most; what the server has
 * forgotten (410) is listed anew. Ends by itself once the kind is no longer served.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function followKind(
  api: KubeApi,
  kind: ServedKind,
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  let version: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const began = Date.now();
    try {
      if (version === undefined) {
        const { objects, resourceVersion } = await listObjects(api, kind, signal);
        follower.listed(objects);
        version = resourceVersion;
      }
      const seen = () => follower.seen();
      for await (const at of watch(api, kind, version, { follower, signal, seen })) {
        version = at;
        failures = 0;
      }
      failures = 0;
      await pause(SHORTEST_MILLISECONDS - (Date.now() - began), signal);
    } catch (error) {
      if (signal.aborted) return;
      const failure = kubeApiError(error);
      if (failure.code === "404") return follower.listed([]);
      const forgotten = failure.code === "410" && version !== undefined;
      // A new list is right whatever went wrong, but not needed where only the connection was lost.
      if (!LOST.test(failure.code)) version = undefined;
      if (forgotten) {
        // Not without a pause, should every list be forgotten at once.
        await pause(SHORTEST_MILLISECONDS - (Date.now() - began), signal);
        continue;
      }
      failures += 1;
      follower.unseen(failure, failures);
      await pause(delayBefore(failures, failure.retryAfter), signal);
    }
  }
}

/** Tells of each event; yields the version that each brought. */
async function* watch(
  api: KubeApi,
  kind: ServedKind,
  version: string,
  {
    follower,
    signal,
    seen,
  }: { readonly follower: Follower; readonly signal: AbortSignal; readonly seen: () => void },
): AsyncGenerator<string> {
  const query = new URLSearchParams({
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion: version,
    timeoutSeconds: String(WATCH_SECONDS),
  });
  const events = api.lines(`${kind.path}?${query.toString()}`, WATCH_SECONDS + GRACE_SECONDS, {
    accept: acceptFor(kind, "event"),
    signal,
    opened: seen,
  });
  for await (const event of events) {
    const { type, object } = recordOf(event);
    if (type === "ERROR") throw new KubeApiError(String(recordOf(object)["code"]));
    const { resourceVersion } = recordOf(recordOf(object)["metadata"]);
    if (typeof resourceVersion !== "string") throw new KubeApiError("an event without a version");
    if (type === "ADDED" || type === "MODIFIED") follower.changed(readObject(kind, object));
    else if (type === "DELETED") follower.removed(readObject(kind, object));
    else if (type !== "BOOKMARK") throw new KubeApiError("an unknown event");
    yield resourceVersion;
  }
}

/** Until the time is over or it is stopped. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return;
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
