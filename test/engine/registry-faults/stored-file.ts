import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../lib/support/digest";
import type { Digest } from "../../../lib/support/digest";
import type { BedAccess } from "../bed/bed";

/** Where the bed's open registry has a blob or a manifest on its disk. */
export function storedFile({ folder }: Pick<BedAccess, "folder">, digest: Digest): string {
  const hash = digest.slice("sha256:".length);
  const blobs = join(folder, "registry-open", "docker", "registry", "v2", "blobs", "sha256");
  return join(blobs, hash.slice(0, 2), hash, "data");
}

/** Changes a file behind its owner's back. @returns the digest that it has now. */
export function changeFile(path: string, change: (bytes: Buffer) => Buffer): Digest {
  const changed = change(readFileSync(path));
  writeFileSync(path, changed);
  return sha256(changed);
}
