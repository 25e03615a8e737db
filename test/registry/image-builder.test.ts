import { describe, expect, test } from "vitest";
import { extract } from "tar-stream";
import { buildImage } from "../../lib/registry/image-builder";
import { OciLayout } from "../../lib/registry/layout/oci-layout";
import { parseManifest } from "../../lib/registry/manifest";
import { collect } from "../../lib/registry/verified-stream";
import { tempFolder } from "../doubles/temp-folder";

const image = {
  repository: "atom-cloud/api",
  tag: "1",
  platform: "linux/arm64/v8",
  files: { "b/c.txt": "see", a: "ay" },
  config: { Cmd: ["a"], User: "65532" },
};

async function entriesOf(layer: Buffer): Promise<unknown[]> {
  const entries: unknown[] = [];
  const reader = extract();
  reader.end(layer);
  for await (const entry of reader) {
    const { name, type, mtime, uid, gid, mode } = entry.header;
    entries.push([name, type, mtime?.getTime(), uid, gid, mode]);
    entry.resume();
  }
  return entries;
}

describe("buildImage", () => {
  test("has the digest that it always has", async () => {
    const [first, second] = [new OciLayout(tempFolder()), new OciLayout(tempFolder())];
    const built = await buildImage(first, image);
    const again = await buildImage(second, { ...image, files: { a: "ay", "b/c.txt": "see" } });
    expect(again).toEqual(built);
    expect(built).toMatchObject({
      platform: { os: "linux", architecture: "arm64", variant: "v8" },
      digest: "sha256:bc67c364b1533c97ebde3f0f2491f5bddf96e8fb1dd849d28589d3441cd903fc",
    });
  });

  test("holds a config and one layer of sorted, undated files", async () => {
    const layout = new OciLayout(tempFolder());
    await buildImage(layout, image);
    const stored = await layout.getManifest("atom-cloud/api", "1");
    const manifest = parseManifest(stored!.bytes, stored!.mediaType, "image");
    if (manifest.kind !== "image") throw new Error("no image");
    const [layer] = manifest.layers;
    const read = (blob: typeof manifest.config) =>
      collect(layout.openBlob("atom-cloud/api", blob), 1 << 20, "blob");
    expect(JSON.parse((await read(manifest.config)).toString())).toEqual({
      os: "linux",
      architecture: "arm64",
      variant: "v8",
      config: { Cmd: ["a"], User: "65532" },
      rootfs: { type: "layers", diff_ids: [layer?.digest] },
    });
    expect(await entriesOf(await read(layer!))).toEqual([
      ["b/", "directory", 0, 0, 0, 0o755],
      ["a", "file", 0, 0, 0, 0o644],
      ["b/c.txt", "file", 0, 0, 0, 0o644],
    ]);
  });

  test.each(["../x", "/etc/passwd", "a/../b", "a//b", "", ".", "a\\b", "a\0b"])(
    "fails for the path %j",
    async (path) => {
      const built = buildImage(new OciLayout(tempFolder()), { ...image, files: { [path]: "x" } });
      await expect(built).rejects.toThrow(RangeError);
    },
  );

  test.each(["linux", "linux/", "Linux/amd64", "linux/amd64/v8/x", ""])(
    "fails for the platform %j",
    async (platform) => {
      const built = buildImage(new OciLayout(tempFolder()), { ...image, platform });
      await expect(built).rejects.toThrow("is no platform; write os/architecture");
    },
  );
});
