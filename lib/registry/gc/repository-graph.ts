import type { Digest } from "../../support/digest";
import { mapBounded } from "../../support/map-bounded";
import { allTags } from "../all-tags";
import { parseManifest } from "../manifest";
import type { Descriptor } from "../manifest";
import type { RegistryClient } from "../registry-client";
import { RegistryError } from "../registry-error";

const REQUESTS_AT_ONCE = 8;
const MOST_MANIFESTS = 100_000;

/** The tags that clients give to what they attach to an image. */
const ATTACHED = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/;

/** The manifest that a tag is attached to: a cosign tag, or one that lists referrers. */
export function subjectOfTag(tag: string): Digest | undefined {
  const hash = ATTACHED.exec(tag)?.[1];
  return hash === undefined ? undefined : `sha256:${hash}`;
}

/**
 * Every tag of a repository with what it stands for.
 *
 * @throws RegistryError `refused` for more than 100,000.
 */
export async function readTags(
  client: RegistryClient,
  repository: string,
): Promise<Map<string, Digest>> {
  const names = await allTags(client, repository);
  const entries = await mapBounded(names, REQUESTS_AT_ONCE, async (tag) => {
    const digest = await client.headManifest(repository, tag);
    return digest === undefined ? [] : [[tag, digest] as const];
  });
  return new Map(entries.flat());
}

/** A manifest as part of its repository. */
export interface GraphNode {
  readonly digest: Digest;
  /** Bytes of the manifest. */
  readonly size: number;
  /** Config and layers. */
  readonly blobs: readonly Descriptor[];
  /** Why it is here: as itself, below an index, or attached to a manifest. */
  readonly why: { readonly kind: "root" } | { readonly kind: "part" | "attached"; of: Digest };
}

/**
 * What hangs together in a repository: an index and its children, a manifest and what is attached to
 * it by tag or as its referrer. Each manifest is read once.
 */
export class RepositoryGraph {
  readonly #client: RegistryClient;
  readonly #repository: string;
  readonly #attached = new Map<Digest, Digest[]>();
  readonly #read = new Map<Digest, Promise<Read | undefined>>();

  constructor(client: RegistryClient, repository: string, tags: ReadonlyMap<string, Digest>) {
    this.#client = client;
    this.#repository = repository;
    for (const [tag, digest] of tags) {
      const subject = subjectOfTag(tag);
      if (subject === undefined) continue;
      this.#attached.set(subject, [...(this.#attached.get(subject) ?? []), digest]);
    }
  }

  /**
   * Adds a manifest and all that hangs on it to what was found so far. What is not there is left out:
   * lists of referrers often name what has gone.
   */
  async addTo(
    found: Map<Digest, GraphNode>,
    digest: Digest,
    why: GraphNode["why"] = { kind: "root" },
  ): Promise<void> {
    if (found.has(digest)) return;
    const read = await this.#manifest(digest);
    if (read === undefined || found.has(digest)) return;
    const { size, blobs, children } = read;
    found.set(digest, { digest, size, blobs, why });
    for (const child of children) await this.addTo(found, child, { kind: "part", of: digest });
    const referrers = await this.#client.listReferrers(this.#repository, digest);
    const attached = [
      ...referrers.map((each) => each.digest),
      ...(this.#attached.get(digest) ?? []),
    ];
    for (const each of attached) await this.addTo(found, each, { kind: "attached", of: digest });
  }

  /** A manifest and all below it, without what is attached. */
  async treeOf(digest: Digest): Promise<Set<Digest>> {
    const tree = new Set([digest]);
    // A set's iteration also visits what is added to it on the way.
    for (const each of tree) {
      for (const child of (await this.#manifest(each))?.children ?? []) tree.add(child);
    }
    return tree;
  }

  #manifest(digest: Digest): Promise<Read | undefined> {
    if (this.#read.size > MOST_MANIFESTS) throw tooMuch(this.#repository);
    const known = this.#read.get(digest) ?? this.#readManifest(digest);
    this.#read.set(digest, known);
    return known;
  }

  async #readManifest(digest: Digest): Promise<Read | undefined> {
    const stored = await this.#client.getManifest(this.#repository, digest);
    if (stored === undefined) return undefined;
    const where = `${this.#repository}@${digest}`;
    const manifest = parseManifest(stored.bytes, stored.mediaType, where);
    const size = stored.bytes.length;
    return manifest.kind === "index"
      ? { size, blobs: [], children: manifest.manifests.map((child) => child.digest) }
      : { size, blobs: [manifest.config, ...manifest.layers], children: [] };
  }
}

interface Read {
  readonly size: number;
  readonly blobs: readonly Descriptor[];
  readonly children: readonly Digest[];
}

function tooMuch(repository: string): RegistryError {
  return new RegistryError("refused", `${repository} holds too much to be looked through`);
}
