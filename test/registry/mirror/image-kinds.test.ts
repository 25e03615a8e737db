import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { applyMirror } from "../../../lib/registry/mirror/apply";
import { buildImage, buildMultiPlatformImage } from "../../../lib/registry/image-builder";
import { readImageLock, writeImageLock } from "../../../lib/registry/mirror/lock-file";
import type { Descriptor } from "../../../lib/registry/manifest";
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from "../../../lib/registry/media-types";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { planMirror } from "../../../lib/registry/mirror/plan";
import { resolveImages } from "../../../lib/registry/mirror/resolve";
import { systemClock } from "../../../lib/support/clock";
import { sha256 } from "../../../lib/support/digest";
import { tempFolder } from "../../doubles/temp-folder";
import { blobOf, TARGET } from "../helpers";

const REPOSITORY = "atom-cloud/api";

let source: OciLayout;

beforeEach(() => {
  source = new OciLayout(tempFolder());
});

async function putIndex(manifests: readonly Descriptor[]): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
  await source.putManifest(REPOSITORY, "7.2.0", OCI_INDEX, bytes);
  return { mediaType: OCI_INDEX, digest: sha256(bytes), size: bytes.length };
}

/** A manifest whose config is an image's and says nothing, as tools make it that only pack files. */
async function putWithoutPlatform(): Promise<void> {
  const config = blobOf('{"architecture":"","os":"","config":{}}');
  await source.putBlob(REPOSITORY, config, config.open);
  const { digest, size } = config;
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest, size },
    layers: [],
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await source.putManifest(REPOSITORY, "7.2.0", OCI_MANIFEST, bytes);
}

/** A manifest whose config and layer have media types of their own, as `oras` and Helm make them. */
async function putArtifact(config: string, layer: string, more: object = {}): Promise<void> {
  const [about, content] = [blobOf("{}"), blobOf("content")];
  for (const blob of [about, content]) await source.putBlob(REPOSITORY, blob, blob.open);
  const descriptor = ({ digest, size }: typeof about, mediaType: string) => ({
    mediaType,
    digest,
    size,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    ...more,
    config: descriptor(about, config),
    layers: [descriptor(content, layer)],
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await source.putManifest(REPOSITORY, "7.2.0", OCI_MANIFEST, bytes);
}

const image = (platform: string) =>
  buildImage(source, { repository: REPOSITORY, platform, files: { platform } });

describe.each<[string, () => Promise<unknown>, string, string[]]>([
  [
    "an image",
    () =>
      buildImage(source, {
        repository: REPOSITORY,
        tag: "7.2.0",
        platform: "linux/arm64/v8",
        files: {},
      }),
    OCI_MANIFEST,
    ["linux/arm64/v8"],
  ],
  [
    "an index",
    () =>
      buildMultiPlatformImage(source, {
        repository: REPOSITORY,
        tag: "7.2.0",
        platforms: ["linux/amd64", "linux/arm64"],
        files: {},
      }),
    OCI_INDEX,
    ["linux/amd64", "linux/arm64"],
  ],
  [
    "an index in an index",
    async () => {
      const inner = await putIndex([await image("linux/amd64"), await image("linux/arm64")]);
      await putIndex([inner, await image("linux/s390x")]);
    },
    OCI_INDEX,
    ["linux/amd64", "linux/arm64", "linux/s390x"],
  ],
  ["an image without a platform", putWithoutPlatform, OCI_MANIFEST, []],
  [
    "an artifact",
    () =>
      putArtifact("application/vnd.oci.empty.v1+json", "application/spdx+json", {
        artifactType: "application/spdx+json",
      }),
    OCI_MANIFEST,
    [],
  ],
  [
    "a Helm chart",
    () =>
      putArtifact(
        "application/vnd.cncf.helm.config.v1+json",
        "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
      ),
    OCI_MANIFEST,
    [],
  ],
])("%s", (_, build, mediaType, platforms) => {
  test("is locked and copied", async () => {
    await build();
    const declared = { name: "api", source: `ghcr.io/${REPOSITORY}:7.2.0` };
    const lock = await resolveImages([declared], () => source);
    const digest = await source.headManifest(REPOSITORY, "7.2.0");
    expect(lock.images[0]).toMatchObject({ digest, mediaType, platforms });
    const path = join(tempFolder(), "atom.lock.json");
    writeImageLock(path, lock);
    expect(readImageLock(path)).toEqual(lock);
    const target = new OciLayout(tempFolder());
    const plan = planMirror(lock, { target: TARGET });
    const { state } = await applyMirror(plan, {
      sourceOf: () => source,
      target,
      clock: systemClock,
    });
    expect(state.images[0]).toMatchObject({ outcome: "copied", verified: true });
    expect(await target.headManifest("atom/api", "7.2.0")).toBe(digest);
  });
});
