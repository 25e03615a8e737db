import { resolve } from "node:path";
import { FLEET_FILES } from "../fleet/fleet-files";
import { readFleet } from "../fleet/read-fleet";
import type { ImageLock, LockedImage } from "../registry/image";
import { readImageLock, writeImageLock } from "../registry/lock-file";
import { resolveImages } from "../registry/resolve";
import { textTable } from "../support/text-table";
import type { CommandContext } from "./command-context";
import { registries } from "./registries";

/** Resolves the fleet's tags and shows, or writes, what the lock is to hold. */
export async function lockMirror(
  { terminal }: CommandContext,
  path: string,
  { update, apply, json }: { update?: true; apply?: true; json?: true },
): Promise<void> {
  const { fleet, folder } = readFleet(path, terminal.environment);
  const file = resolve(folder, FLEET_FILES.lock);
  const before = readImageLock(file);
  const lock = await resolveImages(
    fleet.images,
    registries(terminal.environment, fleet.registry.target),
    update ? undefined : before,
  );
  terminal.out(`${json ? JSON.stringify(lock, null, 2) : lockTable(lock, before)}\n`);
  if (!apply) {
    terminal.error(`nothing was written; write ${FLEET_FILES.lock} with --apply\n`);
    return;
  }
  writeImageLock(file, lock);
  terminal.error(`${file} written\n`);
}

function lockTable({ images }: ImageLock, before: ImageLock | undefined): string {
  return textTable(
    ["image", "change", "digest", "platforms"],
    images.map((image) => [
      image.name,
      changeOf(image, before),
      image.digest,
      image.platforms.join(", "),
    ]),
  );
}

function changeOf({ name, digest }: LockedImage, before: ImageLock | undefined): string {
  const known = before?.images.find((image) => image.name === name);
  if (known === undefined) return "new";
  return known.digest === digest ? "kept" : "changed";
}
