import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HttpRegistry } from "../../../lib/registry/http/http-registry";
import { parseManifest } from "../../../lib/registry/manifest";
import { sha256 } from "../../../lib/support/digest";
import type { Digest } from "../../../lib/support/digest";
import type { BedAccess } from "../bed/bed";
import type { UpstreamImage } from "./many-images";

/** A blob as the bed's open registry keeps it, to be damaged behind its back. */
export class BlobOnDisk {
  readonly #path: string;

  private constructor(
    readonly digest: Digest,
    registry: string,
  ) {
    const hex = digest.slice("sha256:".length);
    const blobs = join(registry, "docker", "registry", "v2", "blobs", "sha256");
    this.#path = join(blobs, hex.slice(0, 2), hex, "data");
  }

  static async ofLayer(bed: BedAccess, image: UpstreamImage): Promise<BlobOnDisk> {
    const client = new HttpRegistry({ registry: bed.openRegistry.host });
    const stored = (await client.getManifest(image.repository, image.digest))!;
    const manifest = parseManifest(stored.bytes, stored.mediaType, image.repository);
    if (manifest.kind !== "image") throw new Error(`${image.name} is an index`);
    return new BlobOnDisk(manifest.layers[0]!.digest, join(bed.folder, "registry-open"));
  }

  /** Turns one bit over; the same again puts it right. @returns the digest that the bytes have now. */
  flip(): Digest {
    const bytes = readFileSync(this.#path);
    bytes[0]! ^= 1;
    writeFileSync(this.#path, bytes);
    return sha256(bytes);
  }
}
