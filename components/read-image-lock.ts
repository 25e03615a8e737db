import type { ImageLock } from "../lib/registry/mirror/image";
import { readImageLock as readLock } from "../lib/registry/mirror/lock-file";
import { UsageError } from "../lib/support/problem";
import { checked } from "./usage";

/**
 * The images' digests, as `atom mirror lock` wrote them.
 *
 * @param path @default "atom.lock.json"
 * @throws UsageError that names the command which makes a missing file.
 */
export function readImageLock(path = "atom.lock.json"): ImageLock {
  return checked(() => {
    const lock = readLock(path);
    if (lock) return lock;
    throw new UsageError("image lock", [
      {
        path,
        message: "the file cannot be read",
        mend: "lock the images' digests with: atom mirror lock --apply",
      },
    ]);
  });
}
