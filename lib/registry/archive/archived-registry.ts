import { isDigest } from "../../support/digest";
import type { Digest } from "../../support/digest";
import { LARGEST_MANIFEST, manifestMediaType } from "../manifest";
import type { Descriptor } from "../manifest";
import { readReferrersTag } from "../referrers-tag";
import type { RegistryClient, StoredManifest } from "../registry-client";
import { RegistryError } from "../registry-error";
import { collect } from "../verified-stream";
import type { Content } from "../verified-stream";

/** Blobs by digest, verified as they are read. */
export interface BlobStore {
  /** Bytes; undefined if there is no such blob. */
  size(digest: Digest): Promise<number | undefined>;
  read(blob: Content): AsyncIterable<Uint8Array>;
}

/** What an archive has of one registry, to be read as that registry would be. */
export class ArchivedRegistry implements RegistryClient {
  readonly #host: string;
  readonly #names: ReadonlyMap<string, Digest>;
  readonly #blobs: BlobStore;

  /** @param names manifests by `host/repository:tag`, of all registries. */
  constructor(host: string, names: ReadonlyMap<string, Digest>, blobs: BlobStore) {
    this.#host = host;
    this.#names = names;
    this.#blobs = blobs;
  }

  async getManifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const digest = this.#resolve(repository, reference);
    const size = digest && (await this.#blobs.size(digest));
    if (digest === undefined || size === undefined) return undefined;
    const where = `${this.#host}/${repository}@${digest}`;
    const bytes = await collect(this.#blobs.read({ digest, size }), LARGEST_MANIFEST, where);
    return { mediaType: manifestMediaType(bytes, where), digest, bytes };
  }

  async headManifest(repository: string, reference: string): Promise<Digest | undefined> {
    const digest = this.#resolve(repository, reference);
    return digest && (await this.#blobs.size(digest)) !== undefined ? digest : undefined;
  }

  async hasBlob(_repository: string, { digest, size }: Content): Promise<boolean> {
    return (await this.#blobs.size(digest)) === size;
  }

  openBlob(_repository: string, blob: Content): AsyncIterable<Uint8Array> {
    return this.#blobs.read(blob);
  }

  listReferrers(repository: string, digest: Digest): Promise<Descriptor[]> {
    return readReferrersTag(this, repository, digest);
  }

  async *listTags(repository: string): AsyncGenerator<string, void, undefined> {
    const prefix = `${this.#host}/${repository}:`;
    const names = [...this.#names.keys()].filter((name) => name.startsWith(prefix));
    yield* await Promise.resolve(names.map((name) => name.slice(prefix.length)).sort());
  }

  putManifest(repository: string): Promise<Digest> {
    throw this.#readOnly(repository);
  }

  putBlob(repository: string): Promise<void> {
    throw this.#readOnly(repository);
  }

  deleteManifest(repository: string): Promise<boolean> {
    throw this.#readOnly(repository);
  }

  #resolve(repository: string, reference: string): Digest | undefined {
    return isDigest(reference)
      ? reference
      : this.#names.get(`${this.#host}/${repository}:${reference}`);
  }

  #readOnly(repository: string): RegistryError {
    return new RegistryError("refused", `${this.#host}/${repository} lies in an archive`);
  }
}
