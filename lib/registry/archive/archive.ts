import { stat } from "node:fs/promises";
import type { z } from "zod";
import type { Digest } from "../../support/digest";
import { parseJson } from "../../support/parse-json";
import { UsageError } from "../../support/problem";
import { ArchivedRegistry } from "./archived-registry";
import { FolderContents } from "./folder-contents";
import {
  LAYOUT_INDEX,
  LAYOUT_MARKER,
  layoutIndexSchema,
  layoutMarkerSchema,
  REF_NAME,
} from "../layout/layout-files";
import type { RegistryClient } from "../registry-client";
import { RegistryError } from "../registry-error";
import { TarContents } from "./tar-contents";

/** Images that were saved to be carried to a place without a network, each byte verified. */
export interface Archive {
  /** Manifests by full name: `ghcr.io/atom-cloud/api:7.2.0`. */
  readonly names: ReadonlyMap<string, Digest>;
  /** What an archive has of a registry's images, as if it were that registry; it is only read. */
  readonly registry: (host: string) => RegistryClient;
}

/**
 * Opens what `atom mirror save` wrote: a tar file, or a folder that it was unpacked into.
 *
 * @param onBytes is told how much of it is verified.
 * @throws UsageError if there is no such file or folder.
 * @throws RegistryError if it is no image layout, or anything in it is not what its digest says.
 */
export async function openArchive(
  path: string,
  onBytes?: (bytes: number) => void,
): Promise<Archive> {
  const contents = (await isFolder(path))
    ? await FolderContents.read(path, onBytes)
    : await TarContents.read(path, onBytes);
  checked(LAYOUT_MARKER, layoutMarkerSchema, await contents.text(LAYOUT_MARKER));
  const { manifests } = checked(LAYOUT_INDEX, layoutIndexSchema, await contents.text(LAYOUT_INDEX));
  const names = new Map<string, Digest>();
  for (const { digest, annotations } of manifests) {
    const name = annotations?.[REF_NAME];
    if (name === undefined) continue;
    if (names.has(name)) throw refused(`has ${JSON.stringify(name)} twice`);
    names.set(name, digest);
  }
  return { names, registry: (host) => new ArchivedRegistry(host, names, contents) };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new UsageError("archive", [
      { path, message: `cannot be read (${code})`, mend: "name what atom mirror save wrote" },
    ]);
  }
}

function checked<T>(name: string, schema: z.ZodType<T>, text: string | undefined): T {
  if (text === undefined) throw refused(`has no ${name}: it is no image layout`);
  const result = schema.safeParse(parseJson(text));
  if (result.success) return result.data;
  throw refused(`has a ${name} that is not understood`);
}

function refused(message: string): RegistryError {
  return new RegistryError("refused", `the archive ${message}`);
}
