import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { buildImage, buildMultiPlatformImage } from "../../../lib/registry/image-builder";
import { imageSchema } from "../../../lib/registry/mirror/image";
import type { ImageLock } from "../../../lib/registry/mirror/image";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { OCI_MANIFEST } from "../../../lib/registry/media-types";
import { parseTarget, planMirror } from "../../../lib/registry/mirror/plan";
import { parseReference } from "../../../lib/registry/reference";
import { resolveImages } from "../../../lib/registry/mirror/resolve";
import { sha256 } from "../../../lib/support/digest";
import { tempFolder } from "../../doubles/temp-folder";
import { seedImages } from "../helpers";

let source: OciLayout;

beforeEach(() => {
  source = new OciLayout(tempFolder());
});

function declare(name: string, rest: { source?: string; platforms?: string[] } = {}) {
  return { name, source: `ghcr.io/atom-cloud/${name}:7.2.0`, ...rest };
}

describe("resolveImages", () => {
  test("locks each tag's digest, sorted by name", async () => {
    await seedImages(source, "worker", "api");
    const lock = await resolveImages([declare("worker"), declare("api")], () => source);
    expect(lock.images.map(({ name }) => name)).toEqual(["api", "worker"]);
    expect(lock.images[0]).toEqual({
      name: "api",
      source: "ghcr.io/atom-cloud/api:7.2.0",
      repository: "atom/api",
      digest: await source.headManifest("atom-cloud/api", "7.2.0"),
      mediaType: OCI_MANIFEST,
      platforms: ["linux/amd64"],
      bytes: expect.any(Number) as number,
    });
  });

  test("asks the registry that the source names", async () => {
    await seedImages(source, "api");
    const asked: string[] = [];
    await resolveImages([declare("api")], (registry) => {
      asked.push(registry);
      return source;
    });
    expect(asked).toEqual(["ghcr.io"]);
  });

  test("resolves what is locked to the same, without reading it again", async () => {
    await seedImages(source, "api");
    const lock = await resolveImages([declare("api")], () => source);
    const { digest } = lock.images[0]!;
    const onlyHead = { headManifest: () => Promise.resolve(digest) } as unknown as OciLayout;
    expect(await resolveImages([declare("api")], () => onlyHead, lock)).toEqual(lock);
  });

  test("R4 fails for a tag that has moved, and says how to stay and how to follow", async () => {
    await seedImages(source, "api");
    const lock = await resolveImages([declare("api")], () => source);
    const { digest } = lock.images[0]!;
    const moved = await buildImage(source, {
      repository: "atom-cloud/api",
      tag: "7.2.0",
      platform: "linux/amd64",
      files: { a: "moved" },
    });
    await expect(resolveImages([declare("api")], () => source, lock)).rejects.toThrow(
      `images[0].source: 'ghcr.io/atom-cloud/api:7.2.0' has moved from ${digest} to ${moved.digest}; ` +
        `to stay, append @${digest} to the source; ` +
        "to follow, run: atom mirror lock --update --apply",
    );
    const pinned = declare("api", { source: `ghcr.io/atom-cloud/api:7.2.0@${digest}` });
    const stayed = await resolveImages([pinned], () => source, lock);
    expect(stayed.images[0]?.digest).toBe(digest);
  });

  test("lists the platforms of an index, and fails for one that is not offered", async () => {
    await buildMultiPlatformImage(source, {
      repository: "atom-cloud/api",
      tag: "7.2.0",
      platforms: ["linux/arm64/v8", "linux/amd64"],
      files: {},
    });
    const wanted = declare("api", { platforms: ["linux/amd64", "linux/arm64"] });
    const lock = await resolveImages([wanted], () => source);
    expect(lock.images[0]?.platforms).toEqual(["linux/amd64", "linux/arm64/v8"]);
    const missing = declare("api", { platforms: ["linux/s390x"] });
    await expect(resolveImages([missing], () => source, lock)).rejects.toThrow(
      "images[0].platforms: 'ghcr.io/atom-cloud/api:7.2.0' does not offer linux/s390x; it offers: linux/amd64, linux/arm64/v8",
    );
  });

  test("fails for every image that is not there, at once", async () => {
    await expect(resolveImages([declare("api"), declare("worker")], () => source)).rejects.toThrow(
      /api:7\.2\.0' is not there\n.*worker:7\.2\.0' is not there$/,
    );
  });

  test("fails for a name that is declared twice", async () => {
    await expect(resolveImages([declare("api"), declare("api")], () => source)).rejects.toThrow(
      "images[1].name: 'api' is declared twice",
    );
  });
});

const lock: ImageLock = {
  version: 1,
  images: ["worker", "api"].map((name) => ({
    name,
    source: `ghcr.io/atom-cloud/${name}:7.2.0`,
    repository: `atom/${name}`,
    digest: sha256(name),
    mediaType: OCI_MANIFEST,
    platforms: ["linux/amd64"],
    bytes: 100,
  })),
};

describe("planMirror", () => {
  test("plans from where to where, by digest, sorted", () => {
    const plan = planMirror(lock, { target: "registry.example:5000" });
    expect(plan.target).toBe("registry.example:5000");
    expect(plan.images.map(({ name }) => name)).toEqual(["api", "worker"]);
    expect(plan.images[0]).toEqual({
      name: "api",
      source: "ghcr.io/atom-cloud/api:7.2.0",
      from: `ghcr.io/atom-cloud/api@${sha256("api")}`,
      to: `registry.example:5000/atom/api@${sha256("api")}`,
      repository: "atom/api",
      tag: "7.2.0",
      digest: sha256("api"),
      mediaType: OCI_MANIFEST,
      platforms: ["linux/amd64"],
      bytes: 100,
    });
  });

  test("puts a target's path before every repository", () => {
    const [image] = planMirror(lock, { target: "harbor.example/platform/eu" }).images;
    expect(image?.repository).toBe("platform/eu/atom/api");
    expect(image?.to).toBe(`harbor.example/platform/eu/atom/api@${sha256("api")}`);
  });

  test("gives an image without a tag one made of its digest", () => {
    const images = [{ ...lock.images[0]!, source: `ghcr.io/a/b@${sha256("worker")}` }];
    const [image] = planMirror({ version: 1, images }, { target: "r:5000" }).images;
    expect(image?.tag).toMatch(/^digest-[0-9a-f]{12}$/);
  });

  test("is pure: the same plan each time, and the lock is not touched", () => {
    const before = structuredClone(lock);
    fc.assert(
      fc.property(fc.shuffledSubarray([...lock.images], { minLength: 2 }), (images) => {
        const plan = planMirror({ version: 1, images }, { target: "r:5000" });
        expect(plan).toEqual(planMirror(lock, { target: "r:5000" }));
        for (const { to } of plan.images) expect(parseReference(to).registry).toBe("r:5000");
      }),
    );
    expect(lock).toEqual(before);
  });

  test("plans several tags of one repository", () => {
    const [newest] = lock.images;
    const older = {
      ...newest!,
      name: "worker:7.1.0",
      source: "ghcr.io/atom-cloud/worker:7.1.0",
      digest: sha256("older"),
    };
    const { images } = planMirror({ version: 1, images: [older, newest!] }, { target: "r:5000" });
    expect(images.map(({ name, repository, tag }) => [name, `${repository}:${tag}`])).toEqual([
      ["worker", "atom/worker:7.2.0"],
      ["worker:7.1.0", "atom/worker:7.1.0"],
    ]);
  });

  test("fails for two images under one tag, or of one name", () => {
    const [image] = lock.images;
    const twice = (other: object) => () =>
      planMirror({ version: 1, images: [image!, { ...image!, ...other }] }, { target: "r:5000" });
    expect(twice({ name: "other" })).toThrow("other: 'atom/worker:7.2.0' is used by two images");
    expect(twice({ source: "ghcr.io/atom-cloud/worker:7.1.0" })).toThrow(
      "worker: is the name of two images",
    );
  });

  test.each([
    "",
    "registry",
    "https://r.example",
    "r.example/",
    "r.example/Upper",
    "r.example/a:1",
    "../x",
    "r:0",
    "user@r.example",
    "r.example/../x",
    "r.example\n",
  ])("fails for the target %j", (target) => {
    expect(() => planMirror(lock, { target })).toThrow(
      /^Invalid mirror:\n - target: .* is no registry; write host:port or host:port\/path$/,
    );
    expect(() => parseTarget(target)).toThrow("Invalid mirror");
  });
});

test.each([
  [{ name: "api", source: "ghcr.io/a/b" }, /neither a tag nor a digest/],
  [{ name: "api", source: "ghcr.io/a/b:1", tags: { match: "7.*", newest: 1 } }, /although there/],
  [{ name: "api", source: "ghcr.io/a/b", tags: { match: "7.*" } }, /number/],
  [{ name: "api", source: "ghcr.io/a/b", tags: { match: "7.*", newest: 0 } }, />=1/],
  [{ name: "api", source: "ghcr.io/a/b", tags: { match: "7.2.0", newest: 1 } }, /has no '\*'/],
  [{ name: "api", source: "ghcr.io/a/b", tags: { match: "^7/", newest: 1 } }, /letters, digits/],
  [{ name: "API", source: "ghcr.io/a/b:1" }, /lower-case letters/],
  [{ name: "../x", source: "ghcr.io/a/b:1" }, /lower-case letters/],
  [{ name: "api", source: "ghcr.io/a/b:1", platforms: ["amd64"] }, /is not os\/architecture/],
  [{ name: "api", source: "ghcr.io/a/b:1", platforms: [] }, /is empty/],
  [{ name: "api", source: "ghcr.io/A:1" }, /has a repository/],
  [{ name: "api", source: "ghcr.io/a:1", tag: "2" }, /tag/],
])("imageSchema fails for %j", (image, message) => {
  const result = imageSchema.safeParse(image);
  expect(result.error?.issues.map((issue) => issue.message).join()).toMatch(message);
});
