import type { Digest } from "../../support/digest";
import { mapBounded } from "../../support/map-bounded";
import type { ImageTree, TreeNode } from "../image-tree";
import type { Place } from "../place";
import type { Content } from "../verified-stream";

const BLOBS_AT_ONCE = 3;

/** Repositories of a target in which blobs are known to lie, for other repositories to mount them from. */
export type KnownBlobs = Map<Digest, string>;

export interface CopyOptions {
  /** Is told the bytes of each part that is in place, whether it was copied or not. */
  readonly onBytes?: (bytes: number) => void;
  /** Is read before a blob is sent, and written after. @default - nothing is mounted */
  readonly known?: KnownBlobs;
}

/**
 * Copies what the target lacks of a tree, byte for byte: all blobs, then each manifest after the ones
 * it names. No tag is written, so that nobody can find a half copy.
 *
 * @returns whether anything was written.
 */
export async function copyTree(
  tree: ImageTree,
  from: Place,
  to: Place,
  { onBytes = () => undefined, known = new Map() }: CopyOptions = {},
): Promise<boolean> {
  const blobs = await mapBounded(tree.blobs, BLOBS_AT_ONCE, async (blob) => {
    const copied = await copyBlob(blob, from, to, known);
    known.set(blob.digest, to.repository);
    onBytes(blob.size);
    return copied;
  });
  let written = blobs.includes(true);
  for (const node of tree.manifests) {
    // Of what has just been sent no manifest was there, or one that named what was not.
    const copied = await copyManifest(node, to, { mayBeThere: !written });
    onBytes(node.bytes.length);
    written ||= copied;
  }
  return written;
}

async function copyBlob(
  blob: Content,
  from: Place,
  to: Place,
  known: KnownBlobs,
): Promise<boolean> {
  if (await to.client.hasBlob(to.repository, blob)) return false;
  const mountFrom = known.get(blob.digest);
  await to.client.putBlob(
    to.repository,
    blob,
    () => from.client.openBlob(from.repository, blob),
    mountFrom === undefined ? {} : { mountFrom },
  );
  return true;
}

async function copyManifest(
  node: TreeNode,
  to: Place,
  { mayBeThere }: { readonly mayBeThere: boolean },
): Promise<boolean> {
  const there =
    mayBeThere && (await to.client.headManifest(to.repository, node.digest)) === node.digest;
  // A manifest with a subject is put again in any case: it may have been stored without being listed.
  if (there && node.manifest.subject === undefined) return false;
  await to.client.putManifest(to.repository, node.digest, node.mediaType, node.bytes);
  return !there;
}
