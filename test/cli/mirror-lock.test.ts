import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildImage } from "../../lib/registry/image-builder";
import type { ImageLock } from "../../lib/registry/mirror/image";
import type { MirrorPlan } from "../../lib/registry/mirror/plan";
import { RegistryDouble } from "../doubles/registry-double";
import { tempFolder } from "../doubles/temp-folder";
import { clientFor, seedImages } from "../registry/helpers";
import { atom, IMAGE_NAMES, imagesFrom, smallFleet, writeFleet, writeKeyPair } from "./atom";

let source: RegistryDouble;
let folder: string;
let fleet: string;

const build = (tag: string) =>
  buildImage(clientFor(source).client, {
    repository: "atom-cloud/api",
    tag,
    platform: "linux/amd64",
    files: { version: tag },
  });

/** The small fleet, with several tags of the image `api`. */
function declare(tags: object, target = "registry.atom.example:5000"): void {
  const images = imagesFrom(source.host).map((image) =>
    image.name === "api" ? { ...image, source: `${source.host}/atom-cloud/api`, tags } : image,
  );
  fleet = writeFleet(folder, smallFleet({ images, registry: { target } }));
}

const run = (...argv: string[]) => atom(["mirror", ...argv]);
const readLock = () =>
  JSON.parse(readFileSync(join(folder, "atom.lock.json"), "utf8")) as ImageLock;
const apiSources = () =>
  readLock()
    .images.filter(({ name }) => name.startsWith("api"))
    .map(({ name, source }) => [name, source.split(":").at(-1)]);

beforeEach(async () => {
  source = await new RegistryDouble().start();
  await seedImages(clientFor(source).client, ...IMAGE_NAMES);
  for (const tag of ["7.0.0", "7.1.0"]) await build(tag);
  folder = tempFolder();
  declare({ match: "7.*", newest: 2 });
});
afterEach(() => source.close());

describe("atom mirror lock of an image with a pattern", () => {
  test("locks the newest tags that there are", async () => {
    const { code, out, error } = await run("lock", fleet, "--apply");
    expect({ code, error }).toEqual({
      code: 0,
      error: `${join(folder, "atom.lock.json")} written\n`,
    });
    expect(out).toMatch(/^api +new .*api:7\.2\.0/m);
    expect(apiSources()).toEqual([
      ["api", "7.2.0"],
      ["api:7.1.0", "7.1.0"],
    ]);
  });

  test("names a new tag, and takes it with --update only", async () => {
    await run("lock", fleet, "--apply");
    const before = readFileSync(join(folder, "atom.lock.json"), "utf8");
    await build("7.3.0");
    const kept = await run("lock", fleet, "--apply");
    expect(kept.code).toBe(0);
    expect(kept.error).toContain(
      "api: new and not in the lock: 7.3.0; take them with: atom mirror lock --update --apply\n",
    );
    expect(readFileSync(join(folder, "atom.lock.json"), "utf8")).toBe(before);
    const { out, error } = await run("lock", fleet, "--apply", "--update");
    expect(out).toMatch(/^api +changed from sha256:.*api:7\.3\.0/m);
    expect(out).toMatch(/^api:7\.2\.0 +kept /m);
    expect(out).toMatch(/^api:7\.1\.0 +dropped /m);
    expect(error).not.toContain("new and not");
    expect(apiSources()).toEqual([
      ["api", "7.3.0"],
      ["api:7.2.0", "7.2.0"],
    ]);
  });

  test("is planned tag by tag, and charts run the newest", async () => {
    await run("lock", fleet, "--apply");
    const { images } = JSON.parse((await run("plan", fleet, "--json")).out) as MirrorPlan;
    expect(images.map(({ repository, tag }) => `${repository}:${tag}`)).toEqual([
      "atom/api:7.2.0",
      "atom/api:7.1.0",
      ...IMAGE_NAMES.slice(1).map((name) => `atom/${name}:7.2.0`),
    ]);
    const rendered = await atom([
      "chart",
      "render",
      fleet,
      "--tenant",
      "acme",
      "--region",
      "eu-west",
    ]);
    expect(rendered.code).toBe(0);
    expect(rendered.out).toContain(images[0]!.to);
    expect(rendered.out).not.toContain(images[1]!.digest);
  });

  test("is mirrored tag by tag, each signed", async () => {
    const target = await new RegistryDouble().start();
    const { environment } = writeKeyPair(folder);
    declare({ match: "7.*", newest: 2 }, target.host);
    await run("lock", fleet, "--apply");
    const { code, out } = await atom(["mirror", "sync", fleet, "--apply"], { environment });
    expect({ code, out }).toEqual({
      code: 0,
      out: "6 of 6 images are copied, signed and verified; the chart is signed\n",
    });
    for (const { repository, digest, source } of readLock().images) {
      expect(target.tags.get(`${repository}:${source.split(":").at(-1)}`)).toBe(digest);
    }
    await target.close();
  });

  test("fails to plan after the pattern was changed, and names the command that locks it", async () => {
    await run("lock", fleet, "--apply");
    declare({ match: "7.*", newest: 1 });
    const { code, error } = await run("plan", fleet);
    expect(code).toBe(2);
    expect(error).toMatch(
      /has no image 'api' from '.*' with the 1 newest tags '7\.\*'; .*lock --apply/,
    );
    await run("lock", fleet, "--apply");
    expect(apiSources()).toEqual([["api", "7.2.0"]]);
  });

  test("fails when no tag matches, and writes nothing", async () => {
    declare({ match: "9.*", newest: 2 });
    const { code, error } = await run("lock", fleet, "--apply");
    expect(code).toBe(2);
    expect(error).toMatch(/images\[0\]\.tags: no tag of '.*\/atom-cloud\/api' matches '9\.\*'/);
    expect(existsSync(join(folder, "atom.lock.json"))).toBe(false);
  });

  test.each<[object, RegExp]>([
    [{ match: "7.*" }, /images\[0\]\.tags\.newest \(line \d+\): missing; a number/],
    [{ match: "7.*", newest: 101 }, /images\[0\]\.tags\.newest .*101 is too large; at most 100/],
    [{ match: "7.*", limit: 3 }, /unknown key "limit"/],
    [{ match: "7.2.0", newest: 1 }, /write a single tag into the source/],
  ])("fails for the tags %j", async (tags, message) => {
    declare(tags);
    const { code, error } = await run("plan", fleet);
    expect(code).toBe(2);
    expect(error).toMatch(message);
  });
});

test("reads a lock that an earlier release wrote", async () => {
  fleet = writeFleet(folder, smallFleet({ images: imagesFrom(source.host) }));
  await run("lock", fleet, "--apply");
  expect(readLock().images.map((image) => Object.keys(image))).toEqual(
    IMAGE_NAMES.map(() => [
      "name",
      "source",
      "repository",
      "digest",
      "mediaType",
      "platforms",
      "bytes",
    ]),
  );
  expect((await run("plan", fleet)).code).toBe(0);
});
