import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { extract } from "tar-stream";
import type { Header } from "tar-stream";
import type { Digest } from "../../support/digest";
import { blobAt, LAYOUT_INDEX, LAYOUT_MARKER } from "../layout/layout-files";
import { RegistryError } from "../registry-error";
import { collect, verifiedStream } from "../verified-stream";
import type { Content } from "../verified-stream";

const LARGEST_TEXT = 16 * 1024 * 1024;
const MOST_ENTRIES = 200_000;
const FOLDERS = ["", "blobs/", "blobs/sha256/"];

interface Entry {
  readonly header: Header;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Where the bytes of a blob lie in a tar file. */
interface Span {
  readonly offset: number;
  readonly size: number;
}

/**
 * An OCI layout in a tar file that has been read once from end to end. Nothing is ever unpacked:
 * blobs are read where they lie, and verified again each time.
 */
export class TarContents {
  readonly #path: string;
  readonly #blobs: ReadonlyMap<Digest, Span>;
  readonly #texts: ReadonlyMap<string, string>;

  private constructor(
    path: string,
    blobs: ReadonlyMap<Digest, Span>,
    texts: ReadonlyMap<string, string>,
  ) {
    this.#path = path;
    this.#blobs = blobs;
    this.#texts = texts;
  }

  /**
   * Reads every byte. What is not a plain file of a layout, stands twice, or has another content than
   * its name says makes the whole file worth nothing.
   *
   * @param onBytes is told how far it has come.
   * @throws RegistryError `refused` for a hostile or foreign tar, `corrupt` for a damaged one.
   */
  static async read(
    path: string,
    onBytes: (bytes: number) => void = () => undefined,
  ): Promise<TarContents> {
    const { size: total } = await stat(path);
    await refuseCompressed(path);
    const blobs = new Map<Digest, Span>();
    const texts = new Map<string, string>();
    const seen = new Set<string>();
    for await (const { header, chunks } of entriesOf(path)) {
      const name = checkedName(header, total);
      if (seen.has(name) || seen.size >= MOST_ENTRIES) {
        throw refused(`${JSON.stringify(name)} stands twice, or there are too many entries`);
      }
      seen.add(name);
      const digest = blobAt(name);
      if (digest !== undefined) {
        const span = spanOf(header);
        const verified = verifiedStream(chunks, { digest, size: span.size });
        for await (const chunk of verified) onBytes(chunk.length);
        blobs.set(digest, span);
      } else {
        const bytes = await collect(chunks, LARGEST_TEXT, `${name} of the archive`);
        if (!FOLDERS.includes(name)) texts.set(name, bytes.toString("utf8"));
      }
    }
    return new TarContents(path, blobs, texts);
  }

  /** A file of the layout that is no blob. */
  text(name: string): Promise<string | undefined> {
    return Promise.resolve(this.#texts.get(name));
  }

  size(digest: Digest): Promise<number | undefined> {
    return Promise.resolve(this.#blobs.get(digest)?.size);
  }

  read(blob: Content): AsyncIterable<Uint8Array> {
    const span = this.#blobs.get(blob.digest);
    if (span === undefined) {
      throw new RegistryError("missing", `${blob.digest} is not in the archive`);
    }
    return verifiedStream(bytesOf(this.#path, span), blob);
  }
}

async function* entriesOf(path: string): AsyncGenerator<Entry, void, undefined> {
  const tar = extract();
  const file = createReadStream(path);
  file.on("error", (error) => tar.destroy(error));
  file.pipe(tar);
  try {
    for await (const entry of tar) {
      yield { header: entry.header, chunks: entry as AsyncIterable<Uint8Array> };
    }
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    throw new RegistryError("corrupt", `the archive is no whole tar file: ${String(error)}`);
  } finally {
    file.destroy();
  }
}

/** The entry's name within the layout, if it is a plain one and may be there. */
function checkedName(header: Header, total: number): string {
  const { type, name: written } = header;
  const shown = JSON.stringify(written.slice(0, 200));
  const pax: unknown = "pax" in header ? header.pax : undefined;
  const sparse = Object.keys(pax ?? {}).some((key) => key.startsWith("GNU.sparse"));
  if ((type !== "file" && type !== "directory") || sparse) {
    throw refused(`${shown} is a ${sparse ? "sparse file" : (type ?? "entry of an unknown type")}`);
  }
  // As `tar -C folder .` writes it.
  const name = written.replace(/^\.\//, "");
  if (type === "directory") {
    const folder = name === "" || name.endsWith("/") ? name : `${name}/`;
    if (FOLDERS.includes(folder) && (header.size ?? 0) === 0) return folder;
    throw refused(`${shown} is no folder of an image layout`);
  }
  if (blobAt(name) === undefined && name !== LAYOUT_INDEX && name !== LAYOUT_MARKER) {
    throw refused(`${shown} is no file of an image layout`);
  }
  const { offset, size } = spanOf(header);
  if (offset + size > total) throw refused(`${shown} claims ${size} bytes, more than there are`);
  return name;
}

/** tar-stream says where an entry's bytes begin, though its types do not. */
function spanOf(header: Header & { readonly byteOffset?: unknown }): Span {
  const { byteOffset: offset, size } = header;
  if (Number.isSafeInteger(offset) && Number.isSafeInteger(size)) {
    return { offset: offset as number, size };
  }
  throw refused(`${JSON.stringify(header.name)} has no size`);
}

async function* bytesOf(path: string, { offset, size }: Span) {
  if (size === 0) return;
  yield* createReadStream(path, {
    start: offset,
    end: offset + size - 1,
  }) as AsyncIterable<Uint8Array>;
}

async function refuseCompressed(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.subarray(0, bytesRead).toString("hex");
    if (!magic.startsWith("1f8b") && magic !== "28b52ffd") return;
  } finally {
    await file.close();
  }
  throw refused("the file is compressed; unpack it with gunzip or unzstd first");
}

function refused(message: string): RegistryError {
  return new RegistryError("refused", `archive: ${message}`);
}
