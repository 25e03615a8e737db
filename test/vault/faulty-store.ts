import type { KvStore } from "../../lib/vault/kv-store";

/** The calls that change a store. */
const WRITES = [
  "write",
  "deleteVersions",
  "undeleteVersions",
  "destroyVersions",
  "writeMetadata",
  "remove",
] as const;

export interface Call {
  readonly method: keyof KvStore;
  /** The path or folder; empty for the store as a whole. */
  readonly path: string;
  /** How many changing calls came before this one. */
  readonly writesBefore: number;
}

/** What goes wrong with a call: before it is carried out, or after (its answer is lost). */
export interface Faults {
  readonly before?: (call: Call) => Error | undefined;
  readonly after?: (call: Call) => Error | undefined;
}

/** A store that passes calls on, records them and fails where it is told to. */
export function faultyStore(store: KvStore, faults: Faults = {}): KvStore & { calls: Call[] } {
  const calls: Call[] = [];
  const isWrite = (method: string) => (WRITES as readonly string[]).includes(method);
  return new Proxy(store, {
    get(target, method: keyof KvStore | "calls") {
      if (method === "calls") return calls;
      const original = target[method].bind(target) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const path = typeof args[0] === "string" ? args[0] : "";
        const writesBefore = calls.filter((call) => isWrite(call.method)).length;
        const call = { method, path, writesBefore };
        calls.push(call);
        const early = faults.before?.(call);
        if (early !== undefined) throw early;
        const result = await original(...args);
        const late = faults.after?.(call);
        if (late !== undefined) throw late;
        return result;
      };
    },
  }) as KvStore & { calls: Call[] };
}

/** The calls that change a store. */
export function writesOf({ calls }: { readonly calls: readonly Call[] }): Call[] {
  return calls.filter(({ method }) => (WRITES as readonly string[]).includes(method));
}
