import { recordOf } from "../policy/reading/shape";
import type { LiveObject } from "./read-object";

/** What of an object's status some rule looks at. */
const JUDGED_STATUS = ["phase", "completionTime"];

/** The objects of a cluster as lists and watches tell of them, by kind and uid. */
export class ObjectStore {
  readonly #kinds = new Map<string, Map<string, LiveObject>>();
  #changed = new Map<string, LiveObject>();

  /** @param onChange is called for each object that is another than before in what rules look at. */
  constructor(private readonly onChange: () => void = () => undefined) {}

  /** Every object. */
  get objects(): readonly LiveObject[] {
    return [...this.#kinds.values()].flatMap((kind) => [...kind.values()]);
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** Takes a whole list of a kind: what is not in it is gone. */
  replace(kind: string, objects: readonly LiveObject[]): void {
    const gone = new Map(this.#kinds.get(kind));
    for (const object of objects) {
      gone.delete(object.metadata.uid);
      this.put(kind, object);
    }
    for (const object of gone.values()) this.remove(kind, object);
  }

  put(kind: string, object: LiveObject): void {
    const { uid } = object.metadata;
    const objects = this.#kinds.get(kind) ?? new Map<string, LiveObject>();
    this.#kinds.set(kind, objects);
    const before = objects.get(uid);
    objects.set(uid, object);
    if (before === undefined || meaning(before) !== meaning(object)) this.#change(object);
  }

  remove(kind: string, { metadata: { uid } }: LiveObject): void {
    const objects = this.#kinds.get(kind);
    const before = objects?.get(uid);
    if (objects === undefined || before === undefined) return;
    objects.delete(uid);
    this.#change(before);
  }

  /** Every object that has come, gone or changed since this was last asked, in its last form. */
  takeChanged(): readonly LiveObject[] {
    const changed = [...this.#changed.values()];
    this.#changed = new Map();
    return changed;
  }

  #change(object: LiveObject): void {
    this.#changed.set(object.metadata.uid, object);
    this.onChange();
  }
}

/** Controllers write a status every few seconds, and with it a version; no rule looks at most of that. */
function meaning({ status, metadata, ...object }: LiveObject): string {
  const judged = JUDGED_STATUS.map((field) => recordOf(status)[field]);
  return JSON.stringify([object, { ...metadata, resourceVersion: "", generation: 0 }, judged]);
}
