import { OCI_MANIFEST } from "../../lib/registry/media-types";
import type { Place } from "../../lib/registry/place";
import { bytesSource } from "../../lib/registry/verified-stream";
import { sha256 } from "../../lib/support/digest";

const CONFIG = Buffer.from('{"os":"linux","architecture":"amd64"}');
const config = {
  mediaType: "application/vnd.oci.image.config.v1+json",
  digest: sha256(CONFIG),
  size: CONFIG.length,
};
const MANIFEST = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [] }),
);

/** The digest of an image without a layer: enough to be signed. */
export const TINY_DIGEST = sha256(MANIFEST);

export async function putTinyImage({ client, repository }: Place): Promise<void> {
  await client.putBlob(repository, config, bytesSource(CONFIG));
  await client.putManifest(repository, "7.2.0", OCI_MANIFEST, MANIFEST);
}
