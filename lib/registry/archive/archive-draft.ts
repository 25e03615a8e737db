import { isDigest, sha256 } from "../../support/digest";
import type { Digest } from "../../support/digest";
import { REF_NAME } from "../layout/layout-files";
import { storedDigest } from "../manifest";
import type { Descriptor } from "../manifest";
import { OCI_INDEX } from "../media-types";
import { asReferrer, referrersTag } from "../referrers-tag";
import type { RegistryClient, StoredManifest } from "../registry-client";
import { RegistryError } from "../registry-error";
import { bytesSource, verifiedStream } from "../verified-stream";
import type { BlobSource, Content } from "../verified-stream";

/** A blob of an archive, with where its bytes come from. */
export interface DraftBlob extends Content {
  readonly open: BlobSource;
}

/** All that goes into an archive. The same images give the same contents, in the same order. */
export interface DraftContents {
  /** Tagged manifests, sorted by name. */
  readonly manifests: readonly Descriptor[];
  /** Manifests, configs and layers, sorted by digest. */
  readonly blobs: readonly DraftBlob[];
}

/**
 * The table of contents of an archive that is being made, filled as a mirror is: manifests are kept,
 * of blobs only where they are read later, so that no layer is on disk twice. Repositories have their
 * registry's name in front: `ghcr.io/atom-cloud/api`.
 */
export class ArchiveDraft implements RegistryClient {
  readonly #manifests = new Map<Digest, StoredManifest>();
  readonly #blobs = new Map<Digest, DraftBlob>();
  /** By `repository:tag`. */
  readonly #tags = new Map<string, Digest>();
  /** By repository and by subject. */
  readonly #referrers = new Map<string, Map<Digest, Map<Digest, Descriptor>>>();

  getManifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const digest = this.#resolve(repository, reference);
    return Promise.resolve(digest && this.#manifests.get(digest));
  }

  headManifest(repository: string, reference: string): Promise<Digest | undefined> {
    const digest = this.#resolve(repository, reference);
    return Promise.resolve(digest && this.#manifests.get(digest)?.digest);
  }

  putManifest(
    repository: string,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
  ): Promise<Digest> {
    const digest = storedDigest(repository, reference, mediaType, bytes);
    this.#manifests.set(digest, { mediaType, digest, bytes });
    const referrer = asReferrer(bytes, `${repository}@${digest}`);
    if (referrer !== undefined) {
      this.#referrersOf(repository, referrer.subject).set(digest, referrer.descriptor);
    }
    if (!isDigest(reference)) this.#tags.set(`${repository}:${reference}`, digest);
    return Promise.resolve(digest);
  }

  hasBlob(_repository: string, { digest, size }: Content): Promise<boolean> {
    return Promise.resolve(this.#blobs.get(digest)?.size === size);
  }

  openBlob(repository: string, blob: Content): AsyncIterable<Uint8Array> {
    const known = this.#blobs.get(blob.digest);
    if (known !== undefined) return verifiedStream(known.open(), blob);
    throw new RegistryError("missing", `${repository}@${blob.digest} is not in the archive`);
  }

  putBlob(_repository: string, { digest, size }: Content, open: BlobSource): Promise<void> {
    this.#blobs.set(digest, { digest, size, open });
    return Promise.resolve();
  }

  listReferrers(repository: string, digest: Digest): Promise<Descriptor[]> {
    return Promise.resolve([...this.#referrersOf(repository, digest).values()]);
  }

  async *listTags(repository: string): AsyncGenerator<string, void, undefined> {
    const prefix = `${repository}:`;
    const names = [...this.#tags.keys()].filter((name) => name.startsWith(prefix));
    yield* await Promise.resolve(names.map((name) => name.slice(prefix.length)).sort());
  }

  deleteManifest(repository: string, digest: Digest): Promise<boolean> {
    throw new RegistryError("refused", `${repository}@${digest} stays: archives only grow`);
  }

  /** What was put in so far. Readers find referrers by the fallback tag, as in any layout. */
  contents(): DraftContents {
    const manifests = new Map(this.#manifests);
    const tags = new Map(this.#tags);
    for (const [repository, subjects] of this.#referrers) {
      for (const [subject, referrers] of subjects) {
        const index = referrersIndex([...referrers.values()]);
        manifests.set(index.digest, index);
        tags.set(`${repository}:${referrersTag(subject)}`, index.digest);
      }
    }
    const stored = [...manifests.values()].map(({ digest, bytes }) => ({
      digest,
      size: bytes.length,
      open: bytesSource(bytes),
    }));
    const blobs = new Map([...this.#blobs.values(), ...stored].map((blob) => [blob.digest, blob]));
    return {
      manifests: [...tags].sort(byKey).map(([name, digest]) => {
        const { mediaType, bytes } = manifests.get(digest)!;
        return { mediaType, digest, size: bytes.length, annotations: { [REF_NAME]: name } };
      }),
      blobs: [...blobs].sort(byKey).map(([, blob]) => blob),
    };
  }

  #resolve(repository: string, reference: string): Digest | undefined {
    return isDigest(reference) ? reference : this.#tags.get(`${repository}:${reference}`);
  }

  #referrersOf(repository: string, subject: Digest): Map<Digest, Descriptor> {
    const subjects = this.#referrers.get(repository) ?? new Map<Digest, Map<Digest, Descriptor>>();
    const referrers = subjects.get(subject) ?? new Map<Digest, Descriptor>();
    this.#referrers.set(repository, subjects.set(subject, referrers));
    return referrers;
  }
}

function referrersIndex(referrers: readonly Descriptor[]): StoredManifest {
  const manifests = [...referrers].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests };
  const bytes = Buffer.from(JSON.stringify(index));
  return { mediaType: OCI_INDEX, digest: sha256(bytes), bytes };
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
