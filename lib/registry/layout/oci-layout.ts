import { isDigest } from "../../support/digest";
import type { Digest } from "../../support/digest";
import { checkReference, checkRepository } from "../check-name";
import { BlobFiles } from "./blob-files";
import type { TreeNode } from "../image-tree";
import { LayoutIndex } from "./layout-index";
import { LayoutLock } from "./layout-lock";
import {
  descriptorOf,
  LARGEST_MANIFEST,
  manifestMediaType,
  parseManifest,
  storedDigest,
} from "../manifest";
import type { Descriptor } from "../manifest";
import {
  addToReferrersTag,
  asReferrer,
  readReferrersTag,
  removeFromReferrersTag,
} from "../referrers-tag";
import type { RegistryClient, StoredManifest } from "../registry-client";
import { RegistryError } from "../registry-error";
import { bytesSource, collect } from "../verified-stream";
import type { BlobSource, Content } from "../verified-stream";

/**
 * An OCI image layout on disk as a registry of many repositories. The folder is made with the first
 * write; a folder that does not exist reads as empty. Blobs are shared between repositories, tags
 * are not. Several processes may read and write at a time.
 * Source: OCI image-spec image-layout.md (1.1).
 */
export class OciLayout implements RegistryClient {
  /** The layout's folder. */
  readonly folder: string;
  readonly #blobs: BlobFiles;
  readonly #index: LayoutIndex;
  readonly #lock: LayoutLock;

  constructor(folder: string) {
    this.folder = folder;
    this.#blobs = new BlobFiles(folder);
    this.#index = new LayoutIndex(folder);
    this.#lock = new LayoutLock(folder);
  }

  async getManifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const digest = await this.#resolve(repository, reference);
    if (digest === undefined) return undefined;
    const stored = await this.#read(digest, `${repository}@${digest}`);
    if (stored !== undefined || isDigest(reference)) return stored;
    throw new RegistryError("missing", `${repository}:${reference} names ${digest}, which is gone`);
  }

  async #read(digest: Digest, where: string): Promise<StoredManifest | undefined> {
    const size = await this.#blobs.size(digest);
    if (size === undefined) return undefined;
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
    checkReference(reference);
    return (await this.#index.find(repository, reference))?.digest;
  }

  async putManifest(
    repository: string,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
  ): Promise<Digest> {
    checkRepository(repository);
    const digest = storedDigest(repository, reference, mediaType, bytes);
    const blob = { digest, size: bytes.length };
    if (!(await this.#blobs.has(blob))) await this.#blobs.write(blob, bytesSource(bytes)());
    const referrer = asReferrer(bytes, `${repository}@${digest}`);
    if (referrer !== undefined) {
      const { subject, descriptor } = referrer;
      const inLock = this.#inLock();
      await this.#lock.run(() => addToReferrersTag(inLock, repository, subject, descriptor));
    }
    if (!isDigest(reference)) {
      checkReference(reference);
      await this.#lock.run(() => this.#index.set(repository, reference, { mediaType, ...blob }));
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

  async *listTags(repository: string): AsyncGenerator<string, void, undefined> {
    checkRepository(repository);
    yield* await this.#index.tags(repository);
  }

  /**
   * As every client's. The manifest's own file goes only if nothing that has a tag, in any repository,
   * names it; configs and layers stay.
   */
  async deleteManifest(repository: string, digest: Digest): Promise<boolean> {
    checkRepository(repository);
    if ((await this.#blobs.size(digest)) === undefined && !(await this.#isTagged(digest))) {
      return false;
    }
    return this.#lock.run(() => this.#delete(repository, digest));
  }

  async #isTagged(digest: Digest): Promise<boolean> {
    return (await this.#index.entries()).some((entry) => entry.digest === digest);
  }

  async #delete(repository: string, digest: Digest): Promise<boolean> {
    const manifest = await this.#readSound(digest);
    const tagged = await this.#index.remove(repository, digest);
    if (!tagged && manifest === undefined) return false;
    const referrer = manifest && asReferrer(manifest.bytes, `${repository}@${digest}`);
    if (referrer !== undefined) {
      await removeFromReferrersTag(this.#inLock(), repository, referrer.subject, digest);
    }
    if (await this.#isNamed(digest)) return tagged;
    return (await this.#blobs.remove(digest)) || tagged;
  }

  /** Whether a tagged manifest is this one or has it below itself; one whose subject it is does not. */
  async #isNamed(digest: Digest): Promise<boolean> {
    const names = new Set((await this.#index.entries()).map((entry) => entry.digest));
    // A set's iteration also visits what is added to it on the way.
    for (const name of names) {
      if (name === digest) return true;
      const manifest = (await this.#readSound(name))?.manifest;
      if (manifest?.kind !== "index") continue;
      for (const child of manifest.manifests) names.add(child.digest);
    }
    return false;
  }

  /** A manifest by its digest; undefined if it is gone, damaged, or a blob of another kind. */
  async #readSound(digest: Digest): Promise<TreeNode | undefined> {
    try {
      const stored = await this.#read(digest, digest);
      if (stored === undefined) return undefined;
      return { ...stored, manifest: parseManifest(stored.bytes, stored.mediaType, digest) };
    } catch (error) {
      if (error instanceof RegistryError) return undefined;
      throw error;
    }
  }

  /** What the fallback tag's list is changed through by one who has the lock already. */
  #inLock(): Pick<RegistryClient, "getManifest" | "putManifest"> {
    return {
      getManifest: (repository, reference) => this.getManifest(repository, reference),
      putManifest: async (repository, tag, mediaType, bytes) => {
        const manifest = descriptorOf(mediaType, bytes);
        await this.#blobs.write(manifest, bytesSource(bytes)());
        await this.#index.set(repository, tag, manifest);
        return manifest.digest;
      },
    };
  }
}
