import { createHash } from "node:crypto";
import { descriptorOf } from "../../../lib/registry/manifest";
import type { Descriptor } from "../../../lib/registry/manifest";
import {
  DOCKER_CONFIG,
  DOCKER_MANIFEST,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_LAYER_TAR,
  OCI_MANIFEST,
} from "../../../lib/registry/media-types";
import type { RegistryFailure } from "../../../lib/registry/registry-error";
import { sha256 } from "../../../lib/support/digest";
import type { Digest } from "../../../lib/support/digest";

/** A manifest as its place gives it, whether it is one or not. */
export interface StrangeManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** What it is found by; its own digest, unless its place lies. */
  readonly digest: Digest;
}

/** An image that no client of ours would put where it is. */
export interface StrangeImage {
  readonly name: string;
  /** Whether CNCF distribution takes it; what it does not, only a proxy before it can give. */
  readonly taken: boolean;
  /** Children before the manifests that name them; the root is last. */
  readonly manifests: () => readonly StrangeManifest[];
  /** Of the manifests, what is taken away again. */
  readonly gone?: Digest;
  /** How a copy of it fails, and what it says. */
  readonly failure: RegistryFailure;
  readonly says: RegExp;
}

export const CONFIG = Buffer.from('{"os":"linux","architecture":"amd64"}');
export const LAYER = Buffer.from("not even a tar: nobody looks into a layer");

const config = descriptorOf(OCI_CONFIG, CONFIG);
const layer = descriptorOf(OCI_LAYER_TAR, LAYER);
const hash = layer.digest.slice("sha256:".length);
const NOT_SHA256 = "digest: is no digest of sha256 in lower-case hexadecimal digits";

/** The sha512 digest of bytes, which the image specification allows and we do not. */
export function sha512(bytes: Uint8Array): string {
  return `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
}

/** An image of the one config and these layers. */
export function imageOf(...layers: readonly object[]): StrangeManifest {
  return manifest(OCI_MANIFEST, { config, layers });
}

/** A sound image. */
export const SOUND = imageOf(layer);

const GONE = imageOf(layer, layer);
const HOLE = sha256("the way round a circle");

const image = (name: string, taken: boolean, layers: () => readonly object[]) => ({
  name,
  taken,
  manifests: () => [imageOf(...layers())],
});

export const STRANGE_IMAGES: readonly StrangeImage[] = [
  {
    ...image("R5 a layer by its sha512", true, () => [{ ...layer, digest: sha512(LAYER) }]),
    failure: "refused",
    says: new RegExp(`layers.0.${NOT_SHA256}$`),
  },
  {
    ...image("R5 a layer by an algorithm that nobody knows", false, () => [
      { ...layer, digest: `crc32:${hash}` },
    ]),
    failure: "refused",
    says: new RegExp(`layers.0.${NOT_SHA256}$`),
  },
  {
    ...image("R5 a layer in upper-case digits", false, () => [
      { ...layer, digest: `sha256:${hash.toUpperCase()}` },
    ]),
    failure: "refused",
    says: new RegExp(`layers.0.${NOT_SHA256}$`),
  },
  {
    name: "R5 a child by its sha512",
    taken: false,
    manifests: () => [
      SOUND,
      indexOf({ ...descriptorOf(OCI_MANIFEST, SOUND.bytes), digest: sha512(SOUND.bytes) }),
    ],
    failure: "refused",
    says: new RegExp(`manifests.0.${NOT_SHA256}$`),
  },
  {
    name: "R6 an index below itself",
    taken: false,
    manifests: () => {
      const root = indexOf({ mediaType: OCI_INDEX, digest: HOLE, size: 1 });
      return [{ ...indexOf(descriptorOf(OCI_INDEX, root.bytes)), digest: HOLE }, root];
    },
    failure: "corrupt",
    says: new RegExp(`${HOLE}.* has the content of sha256:`),
  },
  {
    name: "R6 an index with a child that is gone",
    taken: true,
    manifests: () => [GONE, indexOf(descriptorOf(OCI_MANIFEST, GONE.bytes))],
    gone: GONE.digest,
    failure: "missing",
    says: new RegExp(`names ${GONE.digest}, which is not there$`),
  },
  {
    name: "R6 an index with a child of another size",
    taken: true,
    manifests: () => [SOUND, indexOf({ ...descriptorOf(OCI_MANIFEST, SOUND.bytes), size: 7 })],
    failure: "corrupt",
    says: new RegExp(`gives ${SOUND.digest} 7 bytes, it has ${SOUND.bytes.length}$`),
  },
  {
    name: "R6 indexes five deep",
    taken: true,
    manifests: () => {
      const nested = [SOUND];
      for (let depth = 1; depth < 5; depth += 1) {
        const { mediaType, bytes } = nested.at(-1)!;
        nested.push(indexOf(descriptorOf(mediaType, bytes)));
      }
      return nested;
    },
    failure: "refused",
    says: /is nested more than 4 deep$/,
  },
  {
    name: "R6 an index of more manifests than any image has",
    taken: true,
    manifests: () => [SOUND, indexOf(...many(1_001, descriptorOf(OCI_MANIFEST, SOUND.bytes)))],
    failure: "refused",
    says: /more than 1000 manifests/,
  },
  {
    name: "R6 an index of 100000 descriptors",
    taken: false,
    manifests: () => [indexOf(...many(100_000, descriptorOf(OCI_MANIFEST, SOUND.bytes)))],
    failure: "refused",
    says: /is above 4194304 bytes$/,
  },
  {
    ...image("R6 100000 layers", false, () => many(100_000, layer)),
    failure: "refused",
    says: /is above 4194304 bytes$/,
  },
  {
    ...image("R6 20000 layers that are not there", false, () =>
      many(20_000, layer).map((each, index) => ({ ...each, digest: sha256(String(index)) })),
    ),
    failure: "missing",
    says: /is not (there|in the layout)$/,
  },
  {
    ...image("R6 a layer of fewer bytes than announced", true, () => [
      { ...layer, size: LAYER.length + 1 },
    ]),
    failure: "corrupt",
    says: new RegExp(`${layer.digest} has ${LAYER.length} of the announced ${LAYER.length + 1}`),
  },
  {
    ...image("R6 a layer of more bytes than announced", true, () => [
      { ...layer, size: LAYER.length - 1 },
    ]),
    failure: "corrupt",
    says: new RegExp(`${layer.digest} has more than the announced ${LAYER.length - 1} bytes$`),
  },
  {
    ...image("R6 a layer of two sizes", true, () => [layer, { ...layer, size: 1 }]),
    failure: "corrupt",
    says: new RegExp(`gives ${layer.digest} two different sizes$`),
  },
  {
    name: "R6 a foreign layer",
    taken: false,
    manifests: () => [
      manifest(DOCKER_MANIFEST, {
        config: { ...config, mediaType: DOCKER_CONFIG },
        layers: [
          {
            ...layer,
            mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            urls: ["http://169.254.169.254/"],
          },
        ],
      }),
    ],
    failure: "refused",
    says: new RegExp(`has the foreign layer ${layer.digest}, which lies in no registry$`),
  },
  {
    ...image("R6 a layer that is not to be distributed", true, () => [
      { ...layer, mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar" },
    ]),
    failure: "refused",
    says: new RegExp(`has the foreign layer ${layer.digest}, which lies in no registry$`),
  },
];

function indexOf(...manifests: readonly object[]): StrangeManifest {
  return manifest(OCI_INDEX, { manifests });
}

function manifest(mediaType: string, content: object): StrangeManifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
  return { mediaType, bytes, digest: sha256(bytes) };
}

function many(count: number, descriptor: Descriptor): readonly Descriptor[] {
  return Array.from({ length: count }, () => descriptor);
}
