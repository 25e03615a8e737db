import { mapBounded } from "../support/map-bounded";
import type { ImageTree, TreeNode } from "./image-tree";
import type { Place } from "./place";
import type { Content } from "./verified-stream";

const BLOBS_AT_ONCE = 3;

/**
 * Copies what the target lacks of a tree, byte for byte: all blobs, then each manifest after the ones
 * it names. No tag is written, so that nobody can find a half copy.
 *
 * @param onBytes is told the bytes of each part that is in place, whether it was copied or not.
 * @returns whether anything was written.
 */
export async function copyTree(
  tree: ImageTree,
  from: Place,
  to: Place,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<boolean> {
  const blobs = await mapBounded(tree.blobs, BLOBS_AT_ONCE, async (blob) => {
    const copied = await copyBlob(blob, from, to);
    onBytes(blob.size);
    return copied;
  });
  let written = blobs.includes(true);
  for (const node of tree.manifests) {
    const copied = await copyManifest(node, to);
    onBytes(node.bytes.length);
    written ||= copied;
  }
  return written;
}

async function copyBlob(blob: Content, from: Place, to: Place): Promise<boolean> {
  if (await to.client.hasBlob(to.repository, blob)) return false;
  await to.client.putBlob(to.repository, blob, () => from.client.openBlob(from.repository, blob));
  return true;
}

async function copyManifest(node: TreeNode, to: Place): Promise<boolean> {
  const there = (await to.client.headManifest(to.repository, node.digest)) === node.digest;
  // A manifest with a subject is put again in any case: it may have been stored without being listed.
  if (there && node.manifest.subject === undefined) return false;
  await to.client.putManifest(to.repository, node.digest, node.mediaType, node.bytes);
  return !there;
}
