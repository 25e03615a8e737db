import { kvPathProblem } from "./kv-path";
import type { End, KvStore } from "./kv-store";
import { VaultForbidden, VaultRefused } from "./vault-error";
import type { Hindrance } from "./vault-error";

/** A path that one end does not let us read: it is left alone, whatever the other end has. */
export interface Unreadable extends NotRead {
  readonly path: string;
  readonly end: End;
}

interface NotRead extends Hindrance {
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
        unreadable: (path, notRead) => unreadable.push({ path, end, ...notRead }),
      });
    }
  }
  return { secrets: [...secrets].sort(), unreadable };
}

interface Visitor {
  secret(path: string): void;
  unreadable(path: string, notRead: NotRead): void;
}

async function walk(store: KvStore, root: string, visitor: Visitor): Promise<void> {
  const folders = [root];
  // The list grows while it is walked.
  for (const folder of folders) {
    const listed = await readable(() => store.list(folder));
    if ("notRead" in listed) {
      visitor.unreadable(folder, listed.notRead);
      continue;
    }
    for (const name of listed.value) {
      const path = folder + name;
      // A name such as ".." would lead out of the tenant's folder.
      const why = kvPathProblem(path.replace(/\/$/, ""));
      if (why !== undefined) visitor.unreadable(path, { reason: "refused", why });
      else if (name.endsWith("/")) folders.push(path);
      else visitor.secret(path);
    }
  }
}

/** The answer, or why one path's cannot be had; an unreachable store is thrown. */
export async function readable<T>(
  read: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly notRead: NotRead }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof VaultForbidden) {
      return { notRead: { reason: "forbidden", ...error.hindrance } };
    }
    if (error instanceof VaultRefused)
      return { notRead: { reason: "refused", ...error.hindrance } };
    throw error;
  }
}
