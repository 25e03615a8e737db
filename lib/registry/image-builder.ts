import { posix } from "node:path";
import { pack } from "tar-stream";
import type { Pack } from "tar-stream";
import { sha256 } from "../support/digest";
import { descriptorOf } from "./manifest";
import type { Descriptor } from "./manifest";
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_TAR, OCI_MANIFEST } from "./media-types";
import { parsePlatform } from "./platform";
import type { RegistryClient } from "./registry-client";
import { collect, bytesSource } from "./verified-stream";

/** How a container of the image starts. Names and shapes are those of OCI image-spec config.md. */
export interface ImageConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface ImageToBuild {
  readonly repository: string;
  /** @default - stored by digest only, as the child of an index is */
  readonly tag?: string;
  /** `os/architecture` or `os/architecture/variant`: `linux/amd64`. */
  readonly platform: string;
  /** Content by path within the image: `etc/app/config.json`. */
  readonly files: Readonly<Record<string, string>>;
  /** @default - empty */
  readonly config?: ImageConfig;
}

const LARGEST_LAYER = 256 * 1024 * 1024;

/**
 * Builds a small image of one uncompressed layer and stores it. Same input, same digest: files are
 * sorted, owned by root and dated 1970. It is meant for simulations and tests; files are held in
 * memory.
 *
 * @throws RangeError for a path outside the image, or a platform that is none.
 */
export async function buildImage(store: RegistryClient, image: ImageToBuild): Promise<Descriptor> {
  const platform = parsePlatform(image.platform);
  const layer = await layerTar(image.files);
  const config = json({
    ...platform,
    config: image.config ?? {},
    rootfs: { type: "layers", diff_ids: [sha256(layer)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptorOf(OCI_CONFIG, config),
    layers: [descriptorOf(OCI_LAYER_TAR, layer)],
  });
  for (const blob of [layer, config]) {
    await store.putBlob(image.repository, descriptorOf("", blob), bytesSource(blob));
  }
  const reference = image.tag ?? sha256(manifest);
  await store.putManifest(image.repository, reference, OCI_MANIFEST, manifest);
  return { ...descriptorOf(OCI_MANIFEST, manifest), platform };
}

/** Builds an image for each platform and one index over them, and stores the index under a tag. */
export async function buildMultiPlatformImage(
  store: RegistryClient,
  {
    platforms,
    tag,
    ...image
  }: Omit<ImageToBuild, "platform"> & {
    readonly tag: string;
    readonly platforms: readonly string[];
  },
): Promise<Descriptor> {
  const manifests: Descriptor[] = [];
  for (const platform of platforms) {
    manifests.push(await buildImage(store, { ...image, platform }));
  }
  const index = json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
  await store.putManifest(image.repository, tag, OCI_INDEX, index);
  return descriptorOf(OCI_INDEX, index);
}

async function layerTar(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const paths = Object.keys(files).sort();
  for (const path of paths) checkPath(path);
  const tar = pack();
  for (const folder of foldersOf(paths)) {
    tar.entry({ ...ROOT_1970, name: `${folder}/`, type: "directory", mode: 0o755 });
  }
  for (const path of paths) addFile(tar, path, files[path] ?? "");
  tar.finalize();
  return collect(tar as AsyncIterable<Uint8Array>, LARGEST_LAYER, "the layer");
}

const ROOT_1970 = { mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "" };

function addFile(tar: Pack, name: string, content: string): void {
  tar.entry({ ...ROOT_1970, name, mode: 0o644 }, content);
}

/** Every folder above the files, parents first. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let f = posix.dirname(path); f !== "."; f = posix.dirname(f)) folders.add(f);
  }
  return [...folders].sort();
}

function checkPath(path: string): void {
  const parts = path.split("/");
  const strange = parts.some((part) => part === "" || part === "." || part === "..");
  if (strange || path.includes("\\") || path.includes("\0")) {
    throw new RangeError(`${JSON.stringify(path)} is no path within an image; write etc/app.json`);
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
