import { randomBytes } from "node:crypto";
import { descriptorOf } from "../../lib/registry/manifest";
import { OCI_CONFIG, OCI_LAYER_TAR, OCI_MANIFEST } from "../../lib/registry/media-types";
import type { RegistryClient } from "../../lib/registry/registry-client";
import { bytesSource } from "../../lib/registry/verified-stream";
import { sha256 } from "../../lib/support/digest";
import type { Digest } from "../../lib/support/digest";

/** Puts an image with one layer of random bytes under a tag: no two have a blob in common. */
export async function putRandomImage(
  client: RegistryClient,
  repository: string,
  { tag, bytes }: { readonly tag: string; readonly bytes: number },
): Promise<Digest> {
  const layer = randomBytes(bytes);
  const config = Buffer.from(
    JSON.stringify({
      os: "linux",
      architecture: "amd64",
      config: {},
      rootfs: { type: "layers", diff_ids: [sha256(layer)] },
    }),
  );
  for (const blob of [layer, config]) {
    await client.putBlob(repository, descriptorOf("", blob), bytesSource(blob));
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptorOf(OCI_CONFIG, config),
    layers: [descriptorOf(OCI_LAYER_TAR, layer)],
  };
  return client.putManifest(repository, tag, OCI_MANIFEST, Buffer.from(JSON.stringify(manifest)));
}
