import { resolve } from "node:path";
import { FLEET_FILES } from "../fleet/fleet-files";
import { readFleet } from "../fleet/read-fleet";
import { declaredName } from "../registry/mirror/image";
import type { ImageLock, LockedImage } from "../registry/mirror/image";
import { readImageLock, writeImageLock } from "../registry/mirror/lock-file";
import { findNewTags } from "../registry/mirror/new-tags";
import { resolveImages } from "../registry/mirror/resolve";
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
  const sourceOf = registries(terminal.environment, fleet.registry.target, terminal.error);
  const lock = await resolveImages(fleet.images, sourceOf, update ? undefined : before);
  terminal.out(`${json ? JSON.stringify(lock, null, 2) : lockTable(lock, before)}\n`);
  for (const { image, tags } of update ? [] : await findNewTags(fleet.images, sourceOf, lock)) {
    terminal.error(`${image}: new and not in the lock: ${tags.join(", ")}; ${TAKE_NEW_TAGS}\n`);
  }
  if (!apply) {
    terminal.error(`nothing was written; write ${FLEET_FILES.lock} with --apply\n`);
    return;
  }
  writeImageLock(file, lock);
  terminal.error(`${file} written\n`);
}

const TAKE_NEW_TAGS = "take them with: atom mirror lock --update --apply";

/** One line an image of the lock, and one for each that the lock has no more. */
function lockTable({ images }: ImageLock, before: ImageLock | undefined): string {
  const sources = new Set(images.map(({ source }) => source));
  const names = new Set(images.map(({ name }) => name));
  const gone = (before?.images ?? []).filter(
    ({ name, source }) => !sources.has(source) && !names.has(name),
  );
  return textTable(
    ["image", "change", "digest", "source", "platforms"],
    [
      ...images.map((image) => row(image, changeOf(image, before))),
      ...gone.map((image) => row(image, "dropped")),
    ],
  );
}

function row({ name, source, digest, platforms }: LockedImage, change: string): string[] {
  return [name, change, digest, source, platforms.join(", ")];
}

function changeOf({ name, source, digest }: LockedImage, before: ImageLock | undefined): string {
  const images = before?.images ?? [];
  // By its source first: with a newer tag, the name of the newest goes on to that one.
  const known =
    images.find((image) => image.source === source && sameImage(image.name, name)) ??
    images.find((image) => image.name === name);
  if (known === undefined) return "new";
  if (known.digest === digest) return known.source === source ? "kept" : "renamed";
  return `changed from ${known.digest}`;
}

function sameImage(a: string, b: string): boolean {
  return declaredName(a) === declaredName(b);
}
