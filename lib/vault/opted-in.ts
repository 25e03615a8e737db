import { kvPathProblem } from "./kv-path";
import type { KvStore } from "./kv-store";
import { VaultForbidden, VaultRefused } from "./vault-error";

/** One of the two ends of a replication. */
export type End = "primary" | "secondary";

/** A path that one end does not let us read: it is left alone, whatever the other end has. */
export interface Unreadable {
  readonly path: string;
  readonly end: End;
  readonly reason: "forbidden" | "refused";
}

export interface OptedIn {
  /** Secrets that at least one end names, or that were opted into by name; sorted. */
  readonly secrets: readonly string[];
  /** Folders that could not be listed: secrets below them may be missing above. */
  readonly unreadable: readonly Unreadable[];
}

/** Finds the secrets of opted-in paths: the ones named, and all below the folders named. */
export async function findOptedIn(
  ends: Readonly<Record<End, KvStore>>,
  paths: readonly string[],
): Promise<OptedIn> {
  const secrets = new Set(paths.filter((path) => !path.endsWith("/")));
  const unreadable: Unreadable[] = [];
  for (const folder of paths.filter((path) => path.endsWith("/"))) {
    for (const end of ["primary", "secondary"] as const) {
      await walk(ends[end], folder, {
        secret: (path) => secrets.add(path),
        unreadable: (path, reason) => unreadable.push({ path, end, reason }),
      });
    }
  }
  return { secrets: [...secrets].sort(), unreadable };
}

interface Visitor {
  secret(path: string): void;
  unreadable(path: string, reason: Unreadable["reason"]): void;
}

async function walk(store: KvStore, root: string, visitor: Visitor): Promise<void> {
  const folders = [root];
  // The list grows while it is walked.
  for (const folder of folders) {
    const names = await readable(() => store.list(folder));
    if (typeof names === "string") {
      visitor.unreadable(folder, names);
      continue;
    }
    for (const name of names) {
      const path = folder + name;
      // A name such as ".." would lead out of the tenant's folder.
      if (kvPathProblem(path.replace(/\/$/, "")) !== undefined) visitor.unreadable(path, "refused");
      else if (name.endsWith("/")) folders.push(path);
      else visitor.secret(path);
    }
  }
}

/** The answer, or why one path's cannot be had; an unreachable store is thrown. */
export async function readable<T>(read: () => Promise<T>): Promise<T | Unreadable["reason"]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof VaultForbidden) return "forbidden";
    if (error instanceof VaultRefused) return "refused";
    throw error;
  }
}
