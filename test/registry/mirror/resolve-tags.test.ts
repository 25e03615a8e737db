import { beforeEach, describe, expect, test } from "vitest";
import { buildImage } from "../../../lib/registry/image-builder";
import type { ImageLock } from "../../../lib/registry/mirror/image";
import { findNewTags } from "../../../lib/registry/mirror/new-tags";
import { OCI_MANIFEST } from "../../../lib/registry/media-types";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { resolveImages } from "../../../lib/registry/mirror/resolve";
import { tempFolder } from "../../doubles/temp-folder";

let source: OciLayout;

const api = {
  name: "api",
  source: "ghcr.io/atom-cloud/api",
  tags: { match: "7.*", newest: 2 },
};

const build = (tag: string, content = tag) =>
  buildImage(source, {
    repository: "atom-cloud/api",
    tag,
    platform: "linux/amd64",
    files: { version: content },
  });
const resolve = (lock?: ImageLock, images = [api]) => resolveImages(images, () => source, lock);
const namesOf = ({ images }: ImageLock) => images.map(({ name, source }) => [name, source]);

beforeEach(async () => {
  source = new OciLayout(tempFolder());
  for (const tag of ["6.9.0", "7.0.0", "7.1.0", "7.2.0", "7.3.0-rc.1"]) await build(tag);
});

describe("an image with a pattern", () => {
  test("is locked once a tag, and its name stands for the newest", async () => {
    const { images } = await resolve();
    expect(images).toEqual(
      [
        ["api", "7.2.0"],
        ["api:7.1.0", "7.1.0"],
      ].map(([name, tag]) => ({
        name,
        source: `ghcr.io/atom-cloud/api:${tag}`,
        tags: api.tags,
        repository: "atom/api",
        digest: expect.any(String) as string,
        mediaType: OCI_MANIFEST,
        platforms: ["linux/amd64"],
        bytes: expect.any(Number) as number,
      })),
    );
    expect(images[0]!.digest).toBe(await source.headManifest("atom-cloud/api", "7.2.0"));
  });

  test("keeps its tags, and says which are new", async () => {
    const lock = await resolve();
    await build("7.3.0");
    await build("7.10.0");
    expect(JSON.stringify(await resolve(lock))).toBe(JSON.stringify(lock));
    expect(await findNewTags([api], () => source, lock)).toEqual([
      { image: "api", tags: ["7.10.0", "7.3.0"] },
    ]);
    expect(namesOf(await resolve())).toEqual([
      ["api", "ghcr.io/atom-cloud/api:7.10.0"],
      ["api:7.3.0", "ghcr.io/atom-cloud/api:7.3.0"],
    ]);
  });

  test("has nothing new to say of an image with one tag, or of what is not locked", async () => {
    const pinned = { name: "api", source: "ghcr.io/atom-cloud/api:7.2.0" };
    const lock = await resolveImages([pinned], () => source);
    expect(await findNewTags([pinned], () => source, lock)).toEqual([]);
    expect(await findNewTags([api], () => source, lock)).toEqual([]);
  });

  test("selects anew when the pattern is another, and keeps the digests it knows", async () => {
    const lock = await resolve();
    const more = { ...api, tags: { ...api.tags, newest: 3 } };
    await build("7.2.0", "moved");
    await expect(resolve(lock, [more])).rejects.toThrow(
      `has moved from ${lock.images[0]!.digest} to `,
    );
    const { images } = await resolve(undefined, [more]);
    expect(images.map(({ name }) => name)).toEqual(["api", "api:7.0.0", "api:7.1.0"]);
  });

  test("fails for a tag that has moved, with both digests and the command that follows", async () => {
    const lock = await resolve();
    const { digest } = await build("7.1.0", "moved");
    await expect(resolve(lock)).rejects.toThrow(
      `images[0].source: 'ghcr.io/atom-cloud/api:7.1.0' has moved from ${lock.images[1]!.digest} ` +
        `to ${digest}; to follow, run: atom mirror lock --update --apply`,
    );
  });

  test("keeps a tag that is gone from the source", async () => {
    const lock = await resolve();
    await source.deleteManifest("atom-cloud/api", lock.images[1]!.digest);
    expect(await resolve(lock)).toEqual(lock);
  });

  test("fails when it matches no tag", async () => {
    const none = { ...api, tags: { match: "8.*", newest: 1 } };
    await expect(resolve(undefined, [none])).rejects.toThrow(
      "images[0].tags: no tag of 'ghcr.io/atom-cloud/api' matches '8.*'; " +
        "pre-releases count only for a pattern with a '-'",
    );
  });

  test("drops its pattern when it is declared by one tag", async () => {
    const lock = await resolve();
    const pinned = { name: "api", source: "ghcr.io/atom-cloud/api:7.2.0" };
    const { images } = await resolveImages([pinned], () => source, lock);
    const { tags, ...rest } = lock.images[0]!;
    expect(tags).toEqual(api.tags);
    expect(images).toEqual([rest]);
  });
});
