import { setMaxListeners } from "node:events";
import type { KubeApi } from "../topology/kube-api";
import { KubeApiError } from "../topology/kube-api";
import { followKind } from "./follow-kind";
import { ObjectStore } from "./object-store";
import type { LiveObject } from "./read-object";
import { scanFailure } from "./scan-failure";
import { resourceName, servedKinds } from "./served-kinds";
import type { ServedKind } from "./served-kinds";

/** A connection that was cut is made again at once; what fails so often in a row is not seen. */
const FAILURES = 3;

/** What a watch has seen. */
export interface WatchedObjects {
  readonly objects: readonly LiveObject[];
  /** Those that have come, gone or changed, in their last form. */
  readonly changed: readonly LiveObject[];
}

/** Keeps the objects of a cluster as they are now, of all kinds that the rules know. */
export class ClusterWatch {
  readonly #store: ObjectStore;
  readonly #kinds = new Map<string, FollowedKind>();
  readonly #stop = new AbortController();

  /** @param onChange is called whenever an object is another than before in what rules look at. */
  constructor(
    private readonly api: KubeApi,
    onChange: () => void,
  ) {
    this.#store = new ObjectStore(onChange);
    // Each kind listens to it, and there are more of them than Node takes for a leak.
    setMaxListeners(0, this.#stop.signal);
  }

  /** Whether something has changed since it was read. */
  get hasChanged(): boolean {
    return this.#store.hasChanged;
  }

  /**
   * Every object, once each kind was listed, and those that are others than when this was last asked:
   * kinds that the cluster has come to serve since are looked for.
   *
   * @throws UsageError with each kind that cannot be read now.
   */
  async read(): Promise<WatchedObjects> {
    for (const kind of await servedKinds(this.api)) this.#follow(kind);
    const kinds = [...this.#kinds];
    await Promise.all(kinds.map(([, { known }]) => known));
    const unseen = kinds.flatMap(([what, { error }]) =>
      error === undefined ? [] : [{ what, error }],
    );
    if (unseen.length > 0) throw scanFailure(this.api, unseen);
    return { objects: this.#store.objects, changed: this.#store.takeChanged() };
  }

  stop(): void {
    this.#stop.abort();
  }

  #follow(kind: ServedKind): void {
    const name = resourceName(kind);
    if (this.#kinds.has(name)) return;
    const followed = new FollowedKind();
    this.#kinds.set(name, followed);
    const store = this.#store;
    const follower = {
      listed: (objects: readonly LiveObject[]) => {
        store.replace(name, objects);
        followed.seen();
      },
      changed: (object: LiveObject) => store.put(name, object),
      removed: (object: LiveObject) => store.remove(name, object),
      seen: () => followed.seen(),
      unseen: (error: KubeApiError, failures: number) => followed.unseen(error, failures),
    };
    followKind(this.api, kind, follower, this.#stop.signal).then(
      // No longer served, or stopped: should it come back, it is found as a new kind is.
      () => {
        this.#kinds.delete(name);
        if (this.#stop.signal.aborted) followed.unseen(new KubeApiError("stopped"), FAILURES);
      },
      // A bug must not look like a kind without objects.
      () => followed.unseen(new KubeApiError("a bug of this library"), FAILURES),
    );
  }
}

/** What is known of one kind. */
class FollowedKind {
  /** Settled once the kind was listed, or could not be. */
  readonly known: Promise<void>;
  error: KubeApiError | undefined;
  #settle!: () => void;

  constructor() {
    this.known = new Promise((resolve) => (this.#settle = resolve));
  }

  seen(): void {
    this.error = undefined;
    this.#settle();
  }

  unseen(error: KubeApiError, failures: number): void {
    // A right that is missing does not come back by itself.
    if (failures < FAILURES && error.code !== "403" && error.code !== "401") return;
    this.error = error;
    this.#settle();
  }
}
