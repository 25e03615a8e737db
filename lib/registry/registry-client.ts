import type { Digest } from "../support/digest";
import type { Descriptor } from "./manifest";
import type { BlobSource, Content } from "./verified-stream";

/** A manifest as it is stored, byte for byte. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/**
 * A place that holds images: a registry over HTTP or an OCI layout on disk. Planners and apply
 * know this interface only. A `reference` is a tag or a digest. Whatever is read by digest has been
 * verified against it, and nothing is stored under a digest it does not have.
 *
 * Every method may throw a {@link RegistryError}; none throws one for a thing that is just absent.
 */
export interface RegistryClient {
  /** A manifest's bytes; undefined if there is none. */
  getManifest(repository: string, reference: string): Promise<StoredManifest | undefined>;
  /** The digest a tag or digest stands for; undefined if there is none. */
  headManifest(repository: string, reference: string): Promise<Digest | undefined>;
  /**
   * Stores a manifest under a tag or under its own digest, and makes it findable as a referrer if
   * it has a subject. What it names has to be there already.
   */
  putManifest(
    repository: string,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
  ): Promise<Digest>;
  /** Whether a blob of this digest and size is there. */
  hasBlob(repository: string, blob: Content): Promise<boolean>;
  /** A blob's bytes as a stream. It throws at its end, or before, if they are not the blob's. */
  openBlob(repository: string, blob: Content): AsyncIterable<Uint8Array>;
  /** Stores a blob; `open` is called once an attempt, and not at all if the blob is mounted. */
  putBlob(
    repository: string,
    blob: Content,
    open: BlobSource,
    options?: PutBlobOptions,
  ): Promise<void>;
  /** Manifests whose subject is this digest. */
  listReferrers(repository: string, digest: Digest): Promise<Descriptor[]>;
  /** The tags of one repository, in the order in which the place lists them; none if there is none. */
  listTags(repository: string): AsyncIterable<string>;
  /**
   * Takes a manifest and every tag that stands for it out of a repository, and out of the fallback
   * tag's list if it is a referrer. Its blobs stay, and so does what refers to it: they are the
   * caller's to think of.
   *
   * @returns false if it was not there.
   * @throws RegistryError `refused` if the registry does not allow it.
   */
  deleteManifest(repository: string, digest: Digest): Promise<boolean>;
}

export interface PutBlobOptions {
  /** Another repository of the same registry that has the blob: nothing is sent then. */
  readonly mountFrom?: string;
}

/** Gives the client for a registry's host, `ghcr.io` or `registry.example:5000`. */
export type SourceOf = (registry: string) => RegistryClient;
