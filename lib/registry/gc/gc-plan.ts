import { z } from "zod";
import { isDigest } from "../../support/digest";
import type { Digest } from "../../support/digest";
import { mapBounded } from "../../support/map-bounded";
import { isRepository, isTag } from "../reference";
import type { RegistryClient } from "../registry-client";
import { readTags, RepositoryGraph, subjectOfTag } from "./repository-graph";
import type { GraphNode } from "./repository-graph";
import type { UsedReferences } from "./used-references";

const REPOSITORIES_AT_ONCE = 4;
const REQUESTS_AT_ONCE = 8;

const deletionSchema = z.strictObject({
  /** Repository at the target's registry: `atom/api`. */
  repository: z.string().refine(isRepository, "is no repository"),
  digest: z.custom<Digest>(isDigest, "is no sha256 digest"),
  /** Every tag that stands for it, sorted; none of what is only part of or attached to something. */
  tags: z.array(z.string().refine(isTag, "is no tag")).readonly(),
  /** Why nothing needs it. */
  reason: z.string(),
  /** Bytes of the manifest, and of blobs that no manifest that stays names; each blob counts once. */
  bytes: z.int().nonnegative(),
});

/** One manifest that is to go. */
export type GcDeletion = Readonly<z.infer<typeof deletionSchema>>;

/** A plan as JSON, for who gets it from another process. */
export const gcPlanSchema = z.strictObject({
  target: z.string(),
  deletions: z.array(deletionSchema).readonly(),
});

/** What is to go from a mirror, in the order in which it goes. */
export type GcPlan = Readonly<z.infer<typeof gcPlanSchema>>;

export interface GcOptions {
  /** Registry, with a path where one was given; it is only named. */
  readonly target: string;
  readonly client: RegistryClient;
  /** Repositories that the mirror made. No other is looked at. */
  readonly repositories: readonly string[];
  /** What something needs. Tags of the plan belong here too: `atom/api:7.2.0`. */
  readonly used: UsedReferences;
}

/** A plan with what the repositories were like when it was made. */
export interface PlannedGc {
  readonly plan: GcPlan;
  /** Every tag with what it stood for, by repository. */
  readonly tags: ReadonlyMap<string, ReadonlyMap<string, Digest>>;
}

/**
 * Finds what nothing needs any more. A manifest stays if it, its tag, or anything below it is used;
 * and with it all that is below it or attached to it: signatures, attestations and other referrers, by
 * cosign's tags, the referrers API or its fallback tag. It only reads. What has no tag and hangs on
 * nothing cannot be seen through a registry's API, and stays.
 *
 * @throws RegistryError if the registry fails: an unanswered question is not "unused".
 */
export async function planGc({
  target,
  client,
  repositories,
  used,
}: GcOptions): Promise<PlannedGc> {
  const looked = await mapBounded(
    [...new Set(repositories)].sort(),
    REPOSITORIES_AT_ONCE,
    (repository) => lookThrough(client, repository, used),
  );
  const counted = new Set(looked.flatMap(({ live }) => live.flatMap(blobDigests)));
  const deletions = looked.flatMap(({ repository, tags, dead }) =>
    dead.map((node) => deletionOf(repository, node, tags, counted)),
  );
  return {
    plan: { target, deletions },
    tags: new Map(looked.map(({ repository, tags }) => [repository, tags])),
  };
}

interface LookedThrough {
  readonly repository: string;
  readonly tags: ReadonlyMap<string, Digest>;
  readonly live: readonly GraphNode[];
  /** In the order in which they go. */
  readonly dead: readonly GraphNode[];
}

async function lookThrough(
  client: RegistryClient,
  repository: string,
  used: UsedReferences,
): Promise<LookedThrough> {
  const tags = await readTags(client, repository);
  const graph = new RepositoryGraph(client, repository, tags);
  const roots = new Set<Digest>();
  const attached = new Map<Digest, Digest>();
  for (const [tag, digest] of [...tags].sort(byTag)) {
    const subject = subjectOfTag(tag);
    if (subject === undefined) roots.add(digest);
    else attached.set(digest, subject);
  }

  const live = new Map<Digest, GraphNode>();
  for (const [tag, digest] of tags) {
    const isUsed = used.tags.has(`${repository}:${tag}`) || (await someUsed(graph, digest, used));
    if (isUsed) await graph.addTo(live, digest);
  }
  const known = () => [...roots, ...attached.keys()].every((digest) => live.has(digest));
  // What is used by its digest may have no tag; that matters only if something is to go.
  if (!known()) {
    await mapBounded([...used.digests], REQUESTS_AT_ONCE, (digest) => graph.addTo(live, digest));
  }

  const dead = new Map<Digest, GraphNode>();
  for (const digest of roots) if (!live.has(digest)) await graph.addTo(dead, digest);
  for (const [digest, of] of attached) {
    if (!live.has(digest)) await graph.addTo(dead, digest, { kind: "attached", of });
  }
  const gone = [...dead.values()].filter(({ digest }) => !live.has(digest));
  return { repository, tags, live: [...live.values()], dead: inOrder(gone, tags) };
}

async function someUsed(
  graph: RepositoryGraph,
  root: Digest,
  { digests }: UsedReferences,
): Promise<boolean> {
  for (const digest of await graph.treeOf(root)) if (digests.has(digest)) return true;
  return false;
}

/**
 * Images first, then what is attached under a tag of its own, then what only others named: a run that
 * is cut off leaves no tag whose manifest is not whole. What it leaves without a tag is for the
 * registry's own garbage collection.
 */
function inOrder(nodes: readonly GraphNode[], tags: ReadonlyMap<string, Digest>): GraphNode[] {
  const images = new Set<Digest>();
  const attached = new Set<Digest>();
  for (const [tag, digest] of tags) {
    (subjectOfTag(tag) === undefined ? images : attached).add(digest);
  }
  const rank = ({ digest }: GraphNode) => (images.has(digest) ? 0 : attached.has(digest) ? 1 : 2);
  return [...nodes].sort((a, b) => rank(a) - rank(b));
}

function deletionOf(
  repository: string,
  node: GraphNode,
  tags: ReadonlyMap<string, Digest>,
  counted: Set<Digest>,
): GcDeletion {
  let bytes = node.size;
  for (const { digest, size } of node.blobs) {
    if (counted.has(digest)) continue;
    counted.add(digest);
    bytes += size;
  }
  const own = [...tags].filter(([, digest]) => digest === node.digest).map(([tag]) => tag);
  return { repository, digest: node.digest, tags: own.sort(), reason: reasonOf(node), bytes };
}

function reasonOf({ why }: GraphNode): string {
  switch (why.kind) {
    case "root":
      return "nothing names it";
    case "part":
      return `part of ${why.of}`;
    case "attached":
      return `attached to ${why.of}`;
  }
}

function blobDigests({ blobs }: GraphNode): Digest[] {
  return blobs.map(({ digest }) => digest);
}

function byTag([a]: readonly [string, Digest], [b]: readonly [string, Digest]): number {
  return a < b ? -1 : 1;
}
