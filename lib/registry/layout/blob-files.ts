import { createReadStream } from "node:fs";
import { mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Digest } from "../../support/digest";
import { IncomingFiles } from "./incoming-files";
import { blobPath } from "./layout-files";
import { RegistryError } from "../registry-error";
import { drain, verifiedStream } from "../verified-stream";
import type { Content } from "../verified-stream";

/**
 * Blobs as files named by their hash. A file gets its name only when all its bytes are verified and
 * synced, so that a crash leaves a nameless rest, never a blob whose hash is not its name.
 */
export class BlobFiles {
  readonly #root: string;
  readonly #incoming: IncomingFiles;

  /** @param root the OCI layout's folder. */
  constructor(root: string) {
    this.#root = root;
    this.#incoming = new IncomingFiles(join(root, ".incoming"));
  }

  /** Size in bytes; undefined if there is no such file. It says nothing about the content. */
  async size(digest: Digest): Promise<number | undefined> {
    try {
      return (await stat(this.#path(digest))).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Whether the blob is there and sound. A damaged one counts as absent, so that it is replaced. */
  async has(blob: Content): Promise<boolean> {
    if ((await this.size(blob.digest)) !== blob.size) return false;
    try {
      await drain(this.read(blob));
      return true;
    } catch (error) {
      if (error instanceof RegistryError && error.failure === "corrupt") return false;
      throw error;
    }
  }

  /** The bytes, verified on the way; see {@link verifiedStream}. */
  read(blob: Content): AsyncIterable<Uint8Array> {
    return verifiedStream(this.#bytes(blob.digest), blob);
  }

  async *#bytes(digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
    if ((await this.size(digest)) === undefined) {
      throw new RegistryError("missing", `${digest} is not in the layout`);
    }
    yield* createReadStream(this.#path(digest)) as AsyncIterable<Uint8Array>;
  }

  /** Stores a stream that has to be exactly the blob. */
  async write(blob: Content, stream: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(blob.digest);
    await this.#incoming.use(basename(path), async (incoming) => {
      await writeSynced(incoming, verifiedStream(stream, blob));
      await mkdir(dirname(path), { recursive: true });
      await rename(incoming, path);
    });
    await syncFolder(dirname(path));
  }

  /** @returns false if there was no such file. */
  async remove(digest: Digest): Promise<boolean> {
    try {
      await unlink(this.#path(digest));
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    await syncFolder(dirname(this.#path(digest)));
    return true;
  }

  #path(digest: Digest): string {
    return join(this.#root, blobPath(digest));
  }
}

async function writeSynced(path: string, stream: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx", 0o644);
  try {
    for await (const chunk of stream) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
