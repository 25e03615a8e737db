import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageTree } from "../../../lib/registry/image-tree";
import { OCI_CONFIG, OCI_LAYER_TAR, OCI_MANIFEST } from "../../../lib/registry/media-types";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { bytesSource, drain } from "../../../lib/registry/verified-stream";
import { sha256 } from "../../../lib/support/digest";
import type { Digest } from "../../../lib/support/digest";

/** An image whose layer comes in several chunks and goes in several parts. */
export async function putImage(
  client: RegistryClient,
  repository: string,
  tag: string,
): Promise<Digest> {
  const layer = randomBytes(300_000);
  const config = Buffer.from(JSON.stringify({ os: "linux", architecture: "amd64", tag }));
  const describe = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: sha256(bytes),
    size: bytes.length,
  });
  for (const bytes of [layer, config]) {
    await client.putBlob(repository, describe("", bytes), bytesSource(bytes));
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: describe(OCI_CONFIG, config),
    layers: [describe(OCI_LAYER_TAR, layer)],
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return client.putManifest(repository, tag, OCI_MANIFEST, bytes);
}

/** What a place has under the tag `1`, and those of an image's blobs that are there and are not whole. */
export async function look(client: RegistryClient, repository: string, tree: ImageTree) {
  const wrong: string[] = [];
  for (const blob of tree.blobs) {
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
