import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageTree } from "../../../lib/registry/image-tree";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { drain } from "../../../lib/registry/verified-stream";
import { sha256 } from "../../../lib/support/digest";
import type { Digest } from "../../../lib/support/digest";
import { putRandomImage } from "../random-image";

/** An image whose layer comes in several chunks and goes in several parts. */
export function putImage(client: RegistryClient, repository: string, tag: string): Promise<Digest> {
  return putRandomImage(client, repository, { tag, bytes: 300_000 });
}

/** What a place has under the tag `1`, and those of an image's blobs that are there and are not whole. */
export async function look(
  client: RegistryClient,
  repository: string,
  { blobs }: Pick<ImageTree, "blobs">,
) {
  const wrong: string[] = [];
  for (const blob of blobs) {
    if (!(await client.hasBlob(repository, blob))) continue;
    await drain(client.openBlob(repository, blob)).catch(() => wrong.push(blob.digest));
  }
  return { tag: await client.headManifest(repository, "1"), wrong };
}

/** Files of a layout whose name is not their hash, and files that are still coming in. */
export function wrongFiles(folder: string): string[] {
  const names = (...path: string[]) =>
    existsSync(join(folder, ...path)) ? readdirSync(join(folder, ...path)) : [];
  const hashOf = (name: string) => sha256(readFileSync(join(folder, "blobs", "sha256", name)));
  return [
    ...names(".incoming"),
    ...names("blobs", "sha256").filter((name) => hashOf(name) !== `sha256:${name}`),
  ];
}
