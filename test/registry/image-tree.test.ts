import { beforeEach, describe, expect, test } from "vitest";
import { buildImage, buildMultiPlatformImage } from "../../lib/registry/image-builder";
import { readImageTree } from "../../lib/registry/image-tree";
import type { Descriptor } from "../../lib/registry/manifest";
import { OCI_INDEX } from "../../lib/registry/media-types";
import { OciLayout } from "../../lib/registry/layout/oci-layout";
import type { RegistryClient } from "../../lib/registry/registry-client";
import { sha256 } from "../../lib/support/digest";
import { tempFolder } from "../doubles/temp-folder";

const REPOSITORY = "atom-cloud/api";
let layout: OciLayout;

beforeEach(() => {
  layout = new OciLayout(tempFolder());
});

async function putIndex(manifests: readonly Descriptor[], tag?: string): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests }));
  const digest = await layout.putManifest(REPOSITORY, tag ?? sha256(bytes), OCI_INDEX, bytes);
  return { mediaType: OCI_INDEX, digest, size: bytes.length };
}

function image(): Promise<Descriptor> {
  return buildImage(layout, { repository: REPOSITORY, platform: "linux/amd64", files: { a: "a" } });
}

/** A client that answers one digest with something else, as a lying registry would. */
function lying(digest: string, bytes: Uint8Array, mediaType: string): RegistryClient {
  return {
    getManifest: (repository: string, reference: string) =>
      reference === digest
        ? Promise.resolve({ mediaType, digest: sha256(bytes), bytes })
        : layout.getManifest(repository, reference),
  } as RegistryClient;
}

describe("readImageTree", () => {
  test("gives children before parents, and each blob once", async () => {
    const built = await buildMultiPlatformImage(layout, {
      repository: REPOSITORY,
      tag: "1",
      platforms: ["linux/amd64", "linux/arm64"],
      files: { a: "shared" },
    });
    const tree = await readImageTree(layout, REPOSITORY, "1");
    expect(tree?.root.digest).toBe(built.digest);
    expect(tree?.manifests.map(({ manifest }) => manifest.kind)).toEqual([
      "image",
      "image",
      "index",
    ]);
    // Two configs and the one layer that both images share.
    expect(tree?.blobs.length).toBe(3);
    const sizes = [
      ...(tree?.blobs ?? []).map((b) => b.size),
      ...(tree?.manifests ?? []).map((m) => m.bytes.length),
    ];
    expect(tree?.bytes).toBe(sizes.reduce((a, b) => a + b));
  });

  test("gives nothing for a tag that is not there", async () => {
    expect(await readImageTree(layout, REPOSITORY, "none")).toBeUndefined();
  });

  test("R4 fails for the wrong manifest for a digest, even if the client does not notice", async () => {
    const child = await image();
    const wrong = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [] }));
    const client = lying(child.digest, wrong, OCI_INDEX);
    await expect(readImageTree(client, REPOSITORY, child.digest)).rejects.toMatchObject({
      failure: "corrupt",
    });
  });

  test("R6 fails for an index that claims to hold itself", async () => {
    const child = await image();
    const root = await putIndex([child], "1");
    const cycle = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [root] }));
    await expect(
      readImageTree(lying(child.digest, cycle, OCI_INDEX), REPOSITORY, "1"),
    ).rejects.toMatchObject({ failure: "corrupt" });
  });

  test("R6 fails for a child that is missing", async () => {
    await putIndex([{ mediaType: OCI_INDEX, digest: sha256("gone"), size: 1 }], "1");
    await expect(readImageTree(layout, REPOSITORY, "1")).rejects.toMatchObject({
      failure: "missing",
    });
  });

  test("R6 fails for a child of another size than its parent says", async () => {
    const child = await image();
    await putIndex([{ ...child, size: child.size + 1 }], "1");
    await expect(readImageTree(layout, REPOSITORY, "1")).rejects.toMatchObject({
      failure: "corrupt",
    });
  });

  test("R6 fails for indexes nested too deep", async () => {
    let top = await image();
    for (let depth = 0; depth < 3; depth += 1) top = await putIndex([top]);
    expect((await readImageTree(layout, REPOSITORY, top.digest))?.manifests.length).toBe(4);
    top = await putIndex([top]);
    await expect(readImageTree(layout, REPOSITORY, top.digest)).rejects.toMatchObject({
      failure: "refused",
    });
  });

  test("R6 fails for an index of more manifests than any image has", async () => {
    const child = await image();
    await putIndex(
      Array.from({ length: 1_001 }, () => child),
      "1",
    );
    await expect(readImageTree(layout, REPOSITORY, "1")).rejects.toMatchObject({
      failure: "refused",
    });
  });
});
