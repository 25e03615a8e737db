import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "../../support/digest";
import { blobAt } from "../layout/layout-files";
import { BlobFiles } from "../layout/blob-files";
import { drain } from "../verified-stream";
import type { Content } from "../verified-stream";

/** An OCI layout in a folder, every blob of which has been read once. */
export class FolderContents {
  readonly #folder: string;
  readonly #blobs: BlobFiles;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#blobs = new BlobFiles(folder);
  }

  /**
   * @param onBytes is told how far it has come.
   * @throws RegistryError `corrupt` for a blob whose content is not what its name says.
   */
  static async read(
    folder: string,
    onBytes: (bytes: number) => void = () => undefined,
  ): Promise<FolderContents> {
    const contents = new FolderContents(folder);
    const names = await readdir(join(folder, "blobs", "sha256")).catch(() => []);
    for (const name of names.sort()) {
      const digest = blobAt(`blobs/sha256/${name}`);
      const size = digest && (await contents.size(digest));
      if (digest === undefined || size === undefined) continue;
      await drain(contents.read({ digest, size }));
      onBytes(size);
    }
    return contents;
  }

  /** A file of the layout that is no blob. */
  async text(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#folder, name), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  size(digest: Digest): Promise<number | undefined> {
    return this.#blobs.size(digest);
  }

  read(blob: Content): AsyncIterable<Uint8Array> {
    return this.#blobs.read(blob);
  }
}
