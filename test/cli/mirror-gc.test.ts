import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cosignTag } from "../../lib/registry/signature/cosign-tag";
import type { GcPlan } from "../../lib/registry/gc/gc-plan";
import { buildImage } from "../../lib/registry/image-builder";
import type { ImageLock } from "../../lib/registry/mirror/image";
import { readMirrorState } from "../../lib/registry/mirror/state";
import { readSignatureSet } from "../../lib/signing/signature-file";
import { RegistryDouble } from "../doubles/registry-double";
import { tempFolder } from "../doubles/temp-folder";
import { clientFor, filesBelow } from "../registry/helpers";
import { atom, IMAGE_NAMES, imagesFrom, smallFleet, writeFleet, writeKeyPair } from "./atom";
import { startTwoRegistries } from "./two-registries";

let source: RegistryDouble;
let target: RegistryDouble;
let folder: string;
let fleet: string;
let key: ReturnType<typeof writeKeyPair>;
let oldLock: string;

/** The registries and the fleet's folder as all tests find them: made once, for it takes a while. */
let made: { readonly target: RegistryDouble; readonly files: ReadonlyMap<string, Buffer> };

/** A mirror that has an old tag of the image `api` beside those of the lock. */
beforeAll(async () => {
  [source, target] = await startTwoRegistries("extra");
  await buildImage(clientFor(source).client, {
    repository: "atom-cloud/api",
    tag: "7.1.0",
    platform: "linux/amd64",
    files: { old: "yes" },
  });
  folder = mkdtempSync(join(tmpdir(), "atom-"));
  key = writeKeyPair(folder);
  await mirror("7.1.0");
  oldLock = readFileSync(lockPath(), "utf8");
  await mirror("7.2.0");
  const files = filesBelow(folder).map((path) => [path, readFileSync(join(folder, path))] as const);
  rmSync(folder, { recursive: true });
  const copy = new RegistryDouble();
  fill(copy, target);
  made = { target: copy, files: new Map(files) };
});
afterAll(() => Promise.all([source.close(), target.close()]));

beforeEach(() => {
  fill(target, made.target);
  target.allowsDeletes = true;
  folder = tempFolder();
  for (const [path, content] of made.files) writeFileSync(join(folder, path), content);
  fleet = join(folder, "atom.yaml");
  key.environment.COSIGN_KEY_PATH = join(folder, "cosign.pem");
});

function fill(to: RegistryDouble, from: RegistryDouble): void {
  for (const kind of ["manifests", "tags", "blobs"] as const) {
    to[kind].clear();
    for (const [name, value] of from[kind]) (to[kind] as Map<string, unknown>).set(name, value);
  }
}

async function mirror(tag: string): Promise<void> {
  const images = imagesFrom(source.host).map((image) =>
    image.name === "api" ? { ...image, source: image.source.replace("7.2.0", tag) } : image,
  );
  fleet = writeFleet(folder, smallFleet({ registry: { target: target.host }, images }));
  await run("lock", fleet, "--apply");
  expect((await run("sync", fleet, "--apply")).code).toBe(0);
}

const lockPath = () => join(folder, "atom.lock.json");
const run = (...argv: string[]) => atom(["mirror", ...argv], { environment: key.environment });
const collect = (...argv: string[]) => run("gc", fleet, ...argv);
const digestIn = (lock: string) =>
  (JSON.parse(lock) as ImageLock).images.find(({ name }) => name === "api")!.digest;
const tagsOf = (repository: string) =>
  [...target.tags.keys()].filter((name) => name.startsWith(`${repository}:`));

function keep(content: string, name = "kept.json"): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("atom mirror gc", () => {
  test("shows what nothing names, and deletes nothing", async () => {
    const tags = new Map(target.tags);
    const { code, out, error } = await collect();
    expect({ code, error }).toEqual({
      code: 0,
      error: "nothing was deleted; delete with --apply\n",
    });
    const old = digestIn(oldLock);
    expect(out).toMatch(new RegExp(`^atom/api:7\\.1\\.0 +${old} .*nothing names it`, "m"));
    expect(out).toMatch(new RegExp(`^atom/api:${cosignTag(old)} .*attached to ${old}`, "m"));
    expect(out).toMatch(/^\d manifests, [0-9.]+ KiB to delete$/m);
    expect(target.tags).toEqual(tags);
  });

  test("still sees an image that the fleet has given up, after the next sync", async () => {
    const spare = { name: "extra", source: `${source.host}/atom-cloud/extra:7.2.0` };
    const images = imagesFrom(source.host);
    for (const declared of [[...images, spare], images]) {
      writeFleet(folder, smallFleet({ registry: { target: target.host }, images: declared }));
      await run("lock", fleet, "--apply");
      expect((await run("sync", fleet, "--apply")).code).toBe(0);
    }
    expect((await collect()).out).toMatch(/^atom\/extra:7\.2\.0 .*nothing names it/m);
  });

  test("deletes it with --apply, and everything else is verified afterwards", async () => {
    const { code, out, error } = await collect("--keep", lockPath(), "--apply");
    expect(code).toBe(0);
    expect(out).toMatch(/^\d manifests, [0-9.]+ KiB deleted\n$/);
    expect(error).toContain("atom/api:7.1.0: deleted\n");
    const current = digestIn(readFileSync(lockPath(), "utf8"));
    expect(tagsOf("atom/api").sort()).toEqual(
      [
        "atom/api:7.2.0",
        `atom/api:${cosignTag(current)}`,
        `atom/api:${current.replace(":", "-")}`,
      ].sort(),
    );
    expect((await run("verify", fleet)).code).toBe(0);
    expect((await collect()).out).toBe("nothing is unused\n");
  });

  test.each<[string, (lock: string) => string]>([
    ["an old lock", (lock) => keep(lock)],
    [
      "a folder of manifests",
      (lock) => {
        mkdirSync(join(folder, "rendered", "eu"), { recursive: true });
        keep(`image: x@${digestIn(lock)}\n`, "rendered/eu/api.yaml");
        return join(folder, "rendered");
      },
    ],
    ["an image by its tag", () => keep(`image: ${target.host}/atom/api:7.1.0`)],
  ])("keeps what %s names", async (_, file) => {
    expect((await collect("--keep", file(oldLock))).out).toBe("nothing is unused\n");
  });

  test("deletes what a plan on standard input says", async () => {
    const { out } = await collect("--json");
    const plan = JSON.parse(out) as GcPlan;
    expect(plan.deletions.length).toBeGreaterThan(1);
    const { code } = await atom(
      ["mirror", "gc", fleet, "--keep", lockPath(), "--plan", "-", "--apply"],
      { input: plan },
    );
    expect(code).toBe(0);
    expect(target.tags.has("atom/api:7.1.0")).toBe(false);
  });

  test("fails for a plan of which something is used by now, and deletes nothing", async () => {
    const plan = JSON.parse((await collect("--json")).out) as GcPlan;
    const tags = new Map(target.tags);
    const argv = ["mirror", "gc", fleet, "--keep", keep(oldLock), "--plan", "-", "--apply"];
    const { code, error } = await atom(argv, { input: plan });
    expect(code).toBe(2);
    expect(error).toContain(`atom/api@${digestIn(oldLock)}: is used by now, is gone, or has other`);
    expect(target.tags).toEqual(tags);
  });

  test("fails for a plan that is none", async () => {
    const plan = { target: target.host, deletions: [{ repository: "../x" }] };
    const argv = ["mirror", "gc", fleet, "--keep", lockPath(), "--plan", "-", "--apply"];
    const { code, error } = await atom(argv, { input: plan });
    expect(code).toBe(2);
    expect(error).toContain("is no plan of this verb (deletions.0.repository");
  });

  test("fails with --apply when nothing says what is in use", async () => {
    const { code, error } = await collect("--apply");
    expect(code).toBe(2);
    expect(error).toContain(
      "--apply: nothing says what is in use beside the lock; name the clusters with --context, or files with --keep",
    );
    expect(target.tags.has("atom/api:7.1.0")).toBe(true);
  });

  test.each<[string, () => string, RegExp]>([
    ["is not there", () => join(folder, "none.json"), /none\.json: cannot be read \(ENOENT\)/],
    ["names nothing", () => keep("{}"), /kept\.json: names no image of the mirror and no digest/],
  ])("fails for a kept file that %s", async (_, path, message) => {
    const { code, error } = await collect("--keep", path());
    expect(code).toBe(2);
    expect(error).toMatch(message);
  });

  test("fails for a context that is not there, instead of taking it for an empty cluster", async () => {
    const { code, error } = await collect("--context", "no-such-context", "--apply");
    expect(code).toBe(2);
    expect(error).toMatch(/kube ?context/);
    expect(target.tags.has("atom/api:7.1.0")).toBe(true);
  });

  test("fails for a registry that allows no deletes, and says so", async () => {
    target.allowsDeletes = false;
    const { code, error } = await collect("--keep", lockPath(), "--apply");
    expect(code).toBe(1);
    expect(error).toMatch(/^failed: .*atom\/api/m);
    expect(target.tags.has("atom/api:7.1.0")).toBe(true);
  });

  test("looks at the image that the fleet no longer has, and forgets it with its signature", async () => {
    const images = imagesFrom(source.host);
    const extra = { name: "extra", source: `${source.host}/atom-cloud/extra:7.2.0` };
    const declared = [...images, extra];
    fleet = writeFleet(folder, smallFleet({ registry: { target: target.host }, images: declared }));
    await run("lock", fleet, "--apply");
    expect((await run("sync", fleet, "--apply")).code).toBe(0);
    expect(tagsOf("atom/extra")).toHaveLength(3);
    // The fleet gives the image up; the state of its last run still has it.
    fleet = writeFleet(folder, smallFleet({ registry: { target: target.host }, images }));
    await run("lock", fleet, "--apply");
    const { code } = await collect("--keep", lockPath(), "--apply");
    expect(code).toBe(0);
    expect(tagsOf("atom/extra")).toEqual([]);
    const names = readMirrorState(join(folder, "mirror_state.json"))!.images.map((i) => i.name);
    expect(names).not.toContain("extra");
    expect(names).toContain("api");
    const { signatures } = readSignatureSet(join(folder, "atom.signatures.json"))!;
    const places = signatures.map(({ repository }) => repository);
    expect(places).not.toContain(`${target.host}/atom/extra`);
    expect(places).toContain(`${target.host}/atom/api`);
  });

  test("asks for no catalog and no other repository", async () => {
    target.seen.length = 0;
    await collect();
    const repositories = new Set(
      target.seen.map(({ path }) => /^\/v2\/(.+)\/(?:tags|manifests|referrers)\//.exec(path)?.[1]),
    );
    repositories.delete(undefined);
    expect([...repositories].sort()).toEqual(IMAGE_NAMES.map((name) => `atom/${name}`));
    expect(target.count("GET", /_catalog/)).toBe(0);
    expect(target.count("DELETE", /./)).toBe(0);
  });
});
