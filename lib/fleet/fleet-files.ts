import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { lockedEntries } from "../registry/mirror/image";
import type { ImageLock } from "../registry/mirror/image";
import { readImageLock } from "../registry/mirror/lock-file";
import { Problems, UsageError } from "../support/problem";
import type { LoadedFleet } from "./read-fleet";

/** The files that lie beside a fleet file. */
export const FLEET_FILES = {
  lock: "atom.lock.json",
  signatures: "atom.signatures.json",
  mirrorState: "mirror_state.json",
  vaultLog: "vault_sync.log",
  replicas: "vault_replicas.json",
} as const;

const LOCK_MEND = "lock the images' digests with: atom mirror lock --apply";

/**
 * Reads the image lock beside a fleet file.
 *
 * @throws UsageError if it is not there, or the fleet declares an image that it does not lock.
 */
export function readFleetLock({ fleet, folder }: LoadedFleet): ImageLock {
  const lock = readImageLock(resolve(folder, FLEET_FILES.lock));
  if (lock === undefined) {
    throw new UsageError("image lock", [
      { path: FLEET_FILES.lock, message: "is not beside the fleet file", mend: LOCK_MEND },
    ]);
  }
  const problems = new Problems();
  for (const image of fleet.images) {
    const { name, source, tags } = image;
    if (lockedEntries(image, lock).some((entry) => entry.name === name)) continue;
    const which = tags === undefined ? "" : ` with the ${tags.newest} newest tags '${tags.match}'`;
    problems.add(FLEET_FILES.lock, `has no image '${name}' from '${source}'${which}`, LOCK_MEND);
  }
  problems.throwIfAny("image lock");
  return lock;
}

/**
 * The public key in PEM that a fleet's images and chart are verified with; two while it is replaced.
 *
 * @throws UsageError if the file cannot be read.
 */
export function readTrustedKey({ fleet, folder }: LoadedFleet): string {
  const name = fleet.signing?.publicKey ?? "cosign.pub";
  try {
    return readFileSync(resolve(folder, name), "utf8");
  } catch {
    throw new UsageError("signing", [
      {
        path: name,
        message: "the public key's file cannot be read",
        mend: "make a key pair with: atom key generate",
      },
    ]);
  }
}
