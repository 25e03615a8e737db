/** A kind of objects; undefined for those that have none that can be read. */
type Kind = string | undefined;

/** What a computation has read of some namespaces, from which it follows when it has to be made again. */
export class Reads {
  readonly kinds = new Map<object, Set<Kind>>();
  /** What else had been computed over the whole graph. */
  readonly derived = new Set<unknown>();

  /** @param own a namespace whose reads are not kept: what reads it is made again with it. */
  constructor(public own?: object) {}

  add(home: object, kind: Kind): void {
    if (home === this.own) return;
    const kinds = this.kinds.get(home);
    if (kinds) kinds.add(kind);
    else this.kinds.set(home, new Set([kind]));
  }

  has(home: object, kinds: Iterable<Kind>): boolean {
    const read = this.kinds.get(home);
    if (read === undefined) return false;
    for (const kind of kinds) if (read.has(kind)) return true;
    return false;
  }
}

/** Of the computation that is under way; undefined where nobody wants to know. */
let current: Reads | undefined;

/** Whether anybody wants to know what is read. */
export function isTracked(): boolean {
  return current !== undefined;
}

/** Makes something, and keeps what it read. */
export function track<T>(reads: Reads, make: () => T): T {
  const before = current;
  current = reads;
  try {
    return make();
  } finally {
    current = before;
  }
}

export function noteKind(home: object, kind: Kind): void {
  current?.add(home, kind);
}

export function noteDerived(make: unknown): void {
  current?.derived.add(make);
}

/** Whether two sets have something in common. */
export function meets(some: ReadonlySet<unknown>, others: ReadonlySet<unknown>): boolean {
  for (const one of some) if (others.has(one)) return true;
  return false;
}

/** What was made, with what it was made of; that is not known if nobody wanted to know. */
export interface Made {
  readonly value: unknown;
  readonly reads?: Reads;
}

/** What functions have made of one thing, each once. */
export class MadeOnce<Of> {
  readonly #made = new Map<unknown, Made>();

  constructor(private readonly of: Of) {}

  by<T>(make: (of: Of) => T): Made & { readonly value: T } {
    let made = this.#made.get(make);
    if (made === undefined) this.#made.set(make, (made = this.#make(make)));
    return made as Made & { readonly value: T };
  }

  /** @returns the functions whose work is forgotten. */
  forget(isOld: (made: Made) => boolean): unknown[] {
    const forgotten = [...this.#made].filter(([, made]) => isOld(made)).map(([make]) => make);
    for (const make of forgotten) this.#made.delete(make);
    return forgotten;
  }

  #make<T>(make: (of: Of) => T): Made {
    if (!isTracked()) return { value: make(this.of) };
    const reads = new Reads();
    return { value: track(reads, () => make(this.of)), reads };
  }
}
