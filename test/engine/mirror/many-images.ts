import { buildImage, buildMultiPlatformImage } from "../../../lib/registry/image-builder";
import { ensureSigned } from "../../../lib/registry/signature/image-signatures";
import { descriptorOf } from "../../../lib/registry/manifest";
import { OCI_MANIFEST } from "../../../lib/registry/media-types";
import type { Place } from "../../../lib/registry/place";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { bytesSource } from "../../../lib/registry/verified-stream";
import type { SigningKey } from "../../../lib/signing/key";
import { sha256 } from "../../../lib/support/digest";
import type { Digest } from "../../../lib/support/digest";
import { mapBounded } from "../../../lib/support/map-bounded";

/** An image that an upstream has published. */
export interface UpstreamImage {
  readonly name: string;
  /** `127.0.0.1:5000/vendor/part-001:1.0.0` */
  readonly source: string;
  readonly repository: string;
  readonly digest: Digest;
  /** Of the attestation that refers to it. */
  readonly attestation: Digest;
}

const IMAGES_AT_ONCE = 8;
const TAG = "1.0.0";

/** What {@link publishImages} makes the first one: an index over two platforms. */
export const INDEX = "part-000";

/** Publishes images below a path, each signed in both of cosign's forms and with an attestation; one is an index. */
export function publishImages(
  client: RegistryClient,
  host: string,
  { path, count, key }: { readonly path: string; readonly count: number; readonly key: SigningKey },
): Promise<UpstreamImage[]> {
  return mapBounded([...Array(count).keys()], IMAGES_AT_ONCE, async (number) => {
    const name = `part-${String(number).padStart(3, "0")}`;
    const repository = `${path}/${name}`;
    const image = { repository, tag: TAG, files: { [`opt/${name}`]: `content of ${name}` } };
    const { digest, mediaType, size } =
      name === INDEX
        ? await buildMultiPlatformImage(client, {
            ...image,
            platforms: ["linux/amd64", "linux/arm64"],
          })
        : await buildImage(client, { ...image, platform: "linux/amd64" });
    const place = { client, repository };
    await ensureSigned(place, { repository: `${host}/${repository}`, digest }, key);
    const attestation = await attest(place, { digest, mediaType, size });
    return { name, source: `${host}/${repository}:${TAG}`, repository, digest, attestation };
  });
}

/** Attaches a provenance statement as `oras attach` does, unsigned: it is here to be carried. */
async function attest(
  { client, repository }: Place,
  subject: { readonly digest: Digest; readonly mediaType: string; readonly size: number },
): Promise<Digest> {
  const statement = Buffer.from(
    JSON.stringify({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: repository, digest: { sha256: subject.digest.slice("sha256:".length) } }],
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: { buildDefinition: { buildType: "https://atom.example/build" } },
    }),
  );
  const empty = Buffer.from("{}");
  const config = descriptorOf("application/vnd.oci.empty.v1+json", empty);
  const layer = descriptorOf("application/vnd.in-toto+json", statement);
  await client.putBlob(repository, config, bytesSource(empty));
  await client.putBlob(repository, layer, bytesSource(statement));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: "application/vnd.in-toto+json",
      config,
      layers: [layer],
      subject,
    }),
  );
  const digest = sha256(manifest);
  await client.putManifest(repository, digest, OCI_MANIFEST, manifest);
  return digest;
}
