import type { Digest } from "../../support/digest";
import { COSIGN_KINDS, cosignTag, missingFrom, putCosignManifest } from "../signature/cosign-tag";
import { readCosignManifest, united } from "../signature/cosign-tag";
import { copyTree } from "./copy";
import { readImageTree } from "../image-tree";
import type { ImageTree } from "../image-tree";
import type { Place } from "../place";
import { RegistryError } from "../registry-error";

/** Signatures, attestations and SBOMs of an image: how many its source has, and how many arrived. */
export interface AccessoryCount {
  readonly found: number;
  readonly carried: number;
}

const MOST_SUBJECTS = 1_000;

/**
 * Copies what others attached to an image and to its children: cosign's tags and OCI referrers,
 * and what is attached to those. Nothing is looked for by listing tags. Afterwards the target is
 * asked what it has.
 *
 * @param subjects digests of the image's manifests.
 * @throws RegistryError if either side fails: an unanswered question is not "no signature".
 */
export async function carryAccessories(
  subjects: readonly Digest[],
  from: Place,
  to: Place,
): Promise<AccessoryCount> {
  const queue = [...subjects];
  const seen = new Set(queue);
  let found = 0;
  let carried = 0;
  // The queue grows while it is walked: a referrer may have referrers.
  for (const subject of queue) {
    if (queue.length > MOST_SUBJECTS) throw tooMany(from.repository);
    for (const kind of COSIGN_KINDS) {
      const count = await carryTag(cosignTag(subject, kind), from, to);
      found += count.found;
      carried += count.carried;
    }
    const referrers = await carryReferrers(subject, from, to);
    found += referrers.digests.length;
    carried += referrers.carried;
    for (const digest of referrers.digests) {
      if (!seen.has(digest)) queue.push(digest);
      seen.add(digest);
    }
  }
  return { found, carried };
}

async function carryTag(tag: string, from: Place, to: Place): Promise<AccessoryCount> {
  const source = await readCosignManifest(from, tag);
  if (source === undefined) return { found: 0, carried: 0 };
  const tree = await requireTree(from, tag);
  const present = await readCosignManifest(to, tag);
  if (present === undefined) {
    await copyTree(tree, from, to);
    await to.client.putManifest(to.repository, tag, tree.root.mediaType, tree.root.bytes);
  } else if (missingFrom(present.layers, source.layers).length > 0) {
    // The target has signatures of its own by now: both stay.
    await copyTree(tree, from, to);
    await putCosignManifest(to, tag, united(present.layers, source.layers));
  }
  const arrived = (await readCosignManifest(to, tag))?.layers ?? [];
  const found = source.layers.length;
  return { found, carried: found - missingFrom(arrived, source.layers).length };
}

async function carryReferrers(
  subject: Digest,
  from: Place,
  to: Place,
): Promise<{ digests: Digest[]; carried: number }> {
  const referrers = await from.client.listReferrers(from.repository, subject);
  const digests = [...new Set(referrers.map(({ digest }) => digest))];
  if (digests.length === 0) return { digests, carried: 0 };
  for (const digest of digests) {
    await copyTree(await requireTree(from, digest), from, to);
  }
  const listed = await to.client.listReferrers(to.repository, subject);
  const arrived = new Set(listed.map(({ digest }) => digest));
  return { digests, carried: digests.filter((digest) => arrived.has(digest)).length };
}

async function requireTree({ client, repository }: Place, reference: string): Promise<ImageTree> {
  const tree = await readImageTree(client, repository, reference);
  if (tree !== undefined) return tree;
  throw new RegistryError("missing", `${repository} lists ${reference}, which is not there`);
}

function tooMany(repository: string): RegistryError {
  return new RegistryError("refused", `${repository} attaches more than ${MOST_SUBJECTS} things`);
}
