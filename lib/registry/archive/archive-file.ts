import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { open, rename, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { pack } from "tar-stream";
import type { Pack } from "tar-stream";
import { UsageError } from "../../support/problem";
import { UnwrittenFile, unwrittenFile } from "../../support/unwritten-file";
import type { DraftContents } from "./archive-draft";
import { blobPath, LAYOUT_INDEX, LAYOUT_MARKER, layoutMarker } from "../layout/layout-files";
import { OCI_INDEX } from "../media-types";
import { bytesSource, verifiedStream } from "../verified-stream";

/** As `tar --sort=name --mtime=@0 --owner=0 --group=0 --mode=0644` writes them. */
const SAME_EACH_TIME = { mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "", mode: 0o644 };

export interface WriteArchiveOptions {
  /** Ends the writing; no file is left then. */
  readonly signal?: AbortSignal;
  /** Is told of each part of a blob that is written. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Writes an archive, one tar file that is an OCI image layout: the same contents, the same bytes. The
 * file has its name only when all of it is verified and synced.
 * Source: OCI image-spec image-layout.md (1.1).
 *
 * @throws UsageError if the file cannot be made.
 * @throws RegistryError if a blob cannot be read, or is not what its digest says.
 */
export async function writeArchive(
  path: string,
  contents: DraftContents,
  options: WriteArchiveOptions = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const file = await create(temporary, path);
  try {
    try {
      await fill(file, contents, options);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    // What is read comes from registries, and fails in words of theirs.
    throw unwrittenFile(error, path);
  }
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}

async function create(temporary: string, path: string): Promise<FileHandle> {
  try {
    // A folder would take no file's name, after all of it was written.
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true) throw new UnwrittenFile(path, "EISDIR");
    return await open(temporary, "wx", 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw unwrittenFile(error, path);
    const message = "the archive cannot be written (ENOENT)";
    throw new UsageError("archive", [
      { path, message, mend: "name a file in a folder that is there" },
    ]);
  }
}

async function fill(
  file: FileHandle,
  contents: DraftContents,
  options: WriteArchiveOptions,
): Promise<void> {
  const tar = pack();
  const failures: unknown[] = [];
  const added = addAll(tar, contents, options).catch((error: unknown) => {
    failures.push(error);
    tar.destroy(error as Error);
  });
  try {
    for await (const chunk of tar as AsyncIterable<Uint8Array>) await file.writeFile(chunk);
  } finally {
    // After a failure of the file's side this ends the other one.
    tar.destroy();
    await added;
  }
  if (failures.length > 0) throw failures[0];
}

async function addAll(
  tar: Pack,
  { manifests, blobs }: DraftContents,
  options: WriteArchiveOptions,
): Promise<void> {
  const entries = [
    ...blobs.map((blob) => ({
      name: blobPath(blob.digest),
      size: blob.size,
      open: () => watched(verifiedStream(blob.open(), blob), options),
    })),
    textEntry(LAYOUT_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests }),
    textEntry(LAYOUT_MARKER, layoutMarker()),
  ];
  for (const { name, size, open } of entries) {
    options.signal?.throwIfAborted();
    await add(tar, { name, size }, open());
  }
  tar.finalize();
}

function textEntry(name: string, value: unknown) {
  const bytes = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  return { name, size: bytes.length, open: bytesSource(bytes) };
}

async function add(
  tar: Pack,
  { name, size }: { readonly name: string; readonly size: number },
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const entry = tar.entry({ ...SAME_EACH_TIME, name, size });
  const closed = once(entry, "close");
  closed.catch(() => undefined);
  for await (const chunk of chunks) {
    if (!entry.write(chunk)) await Promise.race([once(entry, "drain"), closed]);
    // The file's side has failed, and says how.
    if (entry.destroyed) return;
  }
  entry.end(undefined);
  await closed;
}

async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  { signal, onBytes }: WriteArchiveOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    onBytes?.(chunk.length);
    yield chunk;
  }
}
