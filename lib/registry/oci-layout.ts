import { isDigest, sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import { BlobFiles } from "./blob-files";
import { LayoutIndex } from "./layout-index";
import { LARGEST_MANIFEST, manifestMediaType, parseManifest } from "./manifest";
import type { Descriptor } from "./manifest";
import { isRepository, isTag } from "./reference";
import { addToReferrersTag, asReferrer, readReferrersTag } from "./referrers-tag";
import type { RegistryClient, StoredManifest } from "./registry-client";
import { RegistryError } from "./registry-error";
import { bytesSource, collect } from "./verified-stream";
import type { BlobSource, Content } from "./verified-stream";

/**
 * An OCI image layout on disk as a registry of many repositories. The folder is made with the first
 * write; a folder that does not exist reads as empty. Blobs are shared between repositories, tags
 * are not. One process at a time may write.
 * Source: OCI image-spec image-layout.md (1.1).
 */
export class OciLayout implements RegistryClient {
  /** The layout's folder. */
  readonly folder: string;
  readonly #blobs: BlobFiles;
  readonly #index: LayoutIndex;

  constructor(folder: string) {
    this.folder = folder;
    this.#blobs = new BlobFiles(folder);
    this.#index = new LayoutIndex(folder);
  }

  async getManifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const digest = await this.#resolve(repository, reference);
    if (digest === undefined) return undefined;
    const size = await this.#blobs.size(digest);
    if (size === undefined) {
      if (isDigest(reference)) return undefined;
      throw new RegistryError(
        "missing",
        `${repository}:${reference} names ${digest}, which is gone`,
      );
    }
    const where = `${repository}@${digest}`;
    const bytes = await collect(this.#blobs.read({ digest, size }), LARGEST_MANIFEST, where);
    return { mediaType: manifestMediaType(bytes, where), digest, bytes };
  }

  async headManifest(repository: string, reference: string): Promise<Digest | undefined> {
    const digest = await this.#resolve(repository, reference);
    if (digest === undefined) return undefined;
    const size = await this.#blobs.size(digest);
    // A damaged manifest counts as absent, so that a copy replaces it.
    return size !== undefined && (await this.#blobs.has({ digest, size })) ? digest : undefined;
  }

  async #resolve(repository: string, reference: string): Promise<Digest | undefined> {
    checkRepository(repository);
    if (isDigest(reference)) return reference;
    checkTag(reference);
    return (await this.#index.find(repository, reference))?.digest;
  }

  async putManifest(
    repository: string,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
  ): Promise<Digest> {
    checkRepository(repository);
    const digest = sha256(bytes);
    if (isDigest(reference) && reference !== digest) {
      throw new RegistryError("corrupt", `${reference} has the content of ${digest}`);
    }
    parseManifest(bytes, mediaType, `${repository}@${digest}`);
    const blob = { digest, size: bytes.length };
    if (!(await this.#blobs.has(blob))) await this.#blobs.write(blob, bytesSource(bytes)());
    const referrer = asReferrer(bytes, `${repository}@${digest}`);
    if (referrer !== undefined) {
      await addToReferrersTag(this, repository, referrer.subject, referrer.descriptor);
    }
    if (!isDigest(reference)) {
      checkTag(reference);
      await this.#index.set(repository, reference, { mediaType, ...blob });
    }
    return digest;
  }

  async hasBlob(repository: string, blob: Content): Promise<boolean> {
    checkRepository(repository);
    return this.#blobs.has(blob);
  }

  openBlob(repository: string, blob: Content): AsyncIterable<Uint8Array> {
    checkRepository(repository);
    return this.#blobs.read(blob);
  }

  async putBlob(repository: string, blob: Content, open: BlobSource): Promise<void> {
    checkRepository(repository);
    await this.#blobs.write(blob, open());
  }

  listReferrers(repository: string, digest: Digest): Promise<Descriptor[]> {
    return readReferrersTag(this, repository, digest);
  }
}

function checkRepository(repository: string): void {
  if (isRepository(repository)) return;
  throw new RegistryError("refused", `${JSON.stringify(repository)} is no repository`);
}

function checkTag(tag: string): void {
  if (isTag(tag)) return;
  throw new RegistryError("refused", `${JSON.stringify(tag)} is neither a tag nor a sha256 digest`);
}
