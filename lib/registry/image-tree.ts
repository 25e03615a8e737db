import { isDigest, sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import { parseManifest } from "./manifest";
import type { Descriptor, Manifest } from "./manifest";
import type { RegistryClient, StoredManifest } from "./registry-client";
import { RegistryError } from "./registry-error";

/** One manifest of a tree: what it says and the bytes that say it. */
export interface TreeNode extends StoredManifest {
  readonly manifest: Manifest;
}

/** An image or index with everything below it, each manifest and blob once. */
export interface ImageTree {
  readonly root: TreeNode;
  /** Children before the manifests that name them; the root is last. */
  readonly manifests: readonly TreeNode[];
  /** Configs and layers, in the order in which they are first named. */
  readonly blobs: readonly Descriptor[];
  /** Bytes of all blobs and manifests. */
  readonly bytes: number;
}

const DEEPEST = 4;
const MOST_MANIFESTS = 1_000;
const MOST_MANIFEST_BYTES = 64 * 1024 * 1024;

/**
 * Reads an image's manifests, an index's children included, and verifies each against the digest and
 * the size its parent gives. Blobs are not read.
 *
 * @returns undefined if the reference names nothing.
 * @throws RegistryError `missing` if a child is not there, `corrupt` if a digest or size is wrong,
 * `refused` if the tree is too deep or too large.
 */
export async function readImageTree(
  client: RegistryClient,
  repository: string,
  reference: string,
): Promise<ImageTree | undefined> {
  const stored = await client.getManifest(repository, reference);
  if (stored === undefined) return undefined;
  if (isDigest(reference)) checkContent(stored, reference);
  const reader = new TreeReader(client, repository);
  const root = await reader.read(stored, 1);
  return reader.tree(root);
}

class TreeReader {
  readonly #manifests = new Map<Digest, TreeNode>();
  readonly #blobs = new Map<Digest, Descriptor>();
  #manifestBytes = 0;

  constructor(
    private readonly client: RegistryClient,
    private readonly repository: string,
  ) {}

  async read(stored: StoredManifest, depth: number): Promise<TreeNode> {
    const known = this.#manifests.get(stored.digest);
    if (known !== undefined) return known;
    const where = `${this.repository}@${stored.digest}`;
    this.#count(stored, depth, where);
    const manifest = parseManifest(stored.bytes, stored.mediaType, where);
    if (manifest.kind === "image") {
      for (const blob of [manifest.config, ...manifest.layers]) this.#addBlob(blob, where);
    } else {
      if (manifest.manifests.length > MOST_MANIFESTS) throw tooMany(where);
      for (const child of manifest.manifests) {
        await this.read(await this.#child(child, where), depth + 1);
      }
    }
    const node = { ...stored, manifest };
    this.#manifests.set(stored.digest, node);
    return node;
  }

  tree(root: TreeNode): ImageTree {
    const blobs = [...this.#blobs.values()];
    const blobBytes = blobs.reduce((sum, { size }) => sum + size, 0);
    const manifests = [...this.#manifests.values()];
    return { root, manifests, blobs, bytes: this.#manifestBytes + blobBytes };
  }

  #count(stored: StoredManifest, depth: number, where: string): void {
    this.#manifestBytes += stored.bytes.length;
    if (depth > DEEPEST) throw refused(`${where} is nested more than ${DEEPEST} deep`);
    if (this.#manifests.size >= MOST_MANIFESTS || this.#manifestBytes > MOST_MANIFEST_BYTES) {
      throw tooMany(where);
    }
  }

  #addBlob(blob: Descriptor, where: string): void {
    const known = this.#blobs.get(blob.digest);
    if (known !== undefined && known.size !== blob.size) {
      throw new RegistryError("corrupt", `${where} gives ${blob.digest} two different sizes`);
    }
    this.#blobs.set(blob.digest, known ?? blob);
  }

  async #child(child: Descriptor, parent: string): Promise<StoredManifest> {
    const stored =
      this.#manifests.get(child.digest) ??
      (await this.client.getManifest(this.repository, child.digest));
    if (stored === undefined) {
      throw new RegistryError("missing", `${parent} names ${child.digest}, which is not there`);
    }
    checkContent(stored, child.digest);
    if (stored.bytes.length !== child.size) {
      throw new RegistryError(
        "corrupt",
        `${parent} gives ${child.digest} ${child.size} bytes, it has ${stored.bytes.length}`,
      );
    }
    return stored;
  }
}

/** Clients verify what they read by digest; a tree that is about to be trusted checks it anyway. */
function checkContent(stored: StoredManifest, digest: Digest): void {
  const found = sha256(stored.bytes);
  if (found === digest && stored.digest === digest) return;
  throw new RegistryError("corrupt", `${digest} has the content of ${found}`);
}

function tooMany(where: string): RegistryError {
  return refused(
    `${where} belongs to an index of more than ${MOST_MANIFESTS} manifests or too large`,
  );
}

function refused(message: string): RegistryError {
  return new RegistryError("refused", message);
}
