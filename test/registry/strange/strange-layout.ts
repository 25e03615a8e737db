import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REF_NAME, layoutMarker } from "../../../lib/registry/layout/layout-files";
import { OCI_INDEX } from "../../../lib/registry/media-types";
import { sha256 } from "../../../lib/support/digest";
import { CONFIG, LAYER, sha512 } from "./strange-images";
import type { StrangeManifest } from "./strange-images";

/** Writes an image into an empty folder as any tool might, under a name and with nothing checked. */
export function writeLayout(
  folder: string,
  name: string,
  manifests: readonly StrangeManifest[],
): void {
  for (const blob of [CONFIG, LAYER]) {
    write(folder, sha256(blob), blob);
    write(folder, sha512(blob), blob);
  }
  for (const { digest, bytes } of manifests) write(folder, digest, bytes);
  const { mediaType, digest, bytes } = manifests.at(-1)!;
  const entry = { mediaType, digest, size: bytes.length, annotations: { [REF_NAME]: name } };
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [entry] };
  writeFileSync(join(folder, "index.json"), JSON.stringify(index));
  writeFileSync(join(folder, "oci-layout"), JSON.stringify(layoutMarker()));
}

function write(folder: string, digest: string, bytes: Uint8Array): void {
  const [algorithm = "", hash = ""] = digest.split(":");
  mkdirSync(join(folder, "blobs", algorithm), { recursive: true });
  writeFileSync(join(folder, "blobs", algorithm, hash), bytes);
}
