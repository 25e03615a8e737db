import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { lockedEntries } from "../registry/mirror/image";
import type { ImageLock } from "../registry/mirror/image";
import { readImageLock } from "../registry/mirror/lock-file";
import { readTrustedKeys } from "../signing/trusted-keys";
import { inFile } from "../support/in-file";
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
 * @param option of the command, if there is one that names another file: `--key`.
 * @throws UsageError that names the file, if it cannot be read or holds no key.
 */
export function readTrustedKey({ fleet, folder }: LoadedFleet, option?: string): string {
  const path = resolve(folder, fleet.signing?.publicKey ?? "cosign.pub");
  // As the shell would name it: a mend that is typed there has to meet the same file.
  const shown = relative(process.cwd(), path);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    const message = `the public key's file cannot be read (${code})`;
    throw new UsageError("signing", [{ path: shown, message, mend: keyMend(shown, option) }]);
  }
  inFile(shown, () => readTrustedKeys(text));
  return text;
}

function keyMend(file: string, option: string | undefined): string {
  const others = ["signing.publicKey in the fleet file", ...(option === undefined ? [] : [option])];
  const pair = file.endsWith(".pub")
    ? `, or make a pair with: atom key generate --output-key-prefix ${file.replace(/\.pub$/, "")}`
    : "";
  return `put it there, or name another with ${others.join(" or ")}${pair}`;
}
