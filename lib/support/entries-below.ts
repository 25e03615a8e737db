import { readdirSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";

/** Something that lies in a folder, at whatever depth. */
export interface EntryBelow {
  /** Begins with the folder. */
  readonly path: string;
  readonly entry: Dirent;
}

/** All that lies below a folder; nothing if there is no such folder. */
export function entriesBelow(folder: string): EntryBelow[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) => ({
      // Node before 20.12 has only the older name.
      path: join(entry.parentPath ?? entry.path, entry.name),
      entry,
    }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
