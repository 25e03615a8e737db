import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createProgram } from "../../lib/cli/run";
import type { ImageLock } from "../../lib/registry/mirror/image";
import { readMirrorState } from "../../lib/registry/mirror/state";
import { readSignatureSet } from "../../lib/signing/signature-file";
import { RecordingTerminal } from "../doubles/recording-terminal";
import { RegistryDouble } from "../doubles/registry-double";
import { tempFolder } from "../doubles/temp-folder";
import { atom, imagesFrom, smallFleet, writeFleet, writeKeyPair } from "./atom";
import { startTwoRegistries } from "./two-registries";

let source: RegistryDouble;
let target: RegistryDouble;
let folder: string;
let fleet: string;
let archive: string;
let key: ReturnType<typeof writeKeyPair>;

beforeEach(async () => {
  [source, target] = await startTwoRegistries();
  folder = tempFolder();
  key = writeKeyPair(folder);
  declare(target.host);
  archive = join(tempFolder(), "images.tar");
  await run("lock", fleet, "--apply");
});
afterEach(() => Promise.all([source.close(), target.close()]));

function declare(registry: string): void {
  const images = imagesFrom(source.host);
  fleet = writeFleet(folder, smallFleet({ registry: { target: registry }, images }));
}

const run = (...argv: string[]) => atom(["mirror", ...argv], { environment: key.environment });
const save = (...argv: string[]) => run("save", fleet, "--to", archive, ...argv);
const load = (...argv: string[]) => run("load", fleet, "--from", archive, ...argv);
const readLock = () =>
  JSON.parse(readFileSync(join(folder, "atom.lock.json"), "utf8")) as ImageLock;

/** What a run wrote beside the fleet, without when. */
function filesOf() {
  const state = readMirrorState(join(folder, "mirror_state.json"))!;
  const { signatures } = readSignatureSet(join(folder, "atom.signatures.json"))!;
  return {
    state: { ...state, images: state.images.map((image) => ({ ...image, at: "" })) },
    signed: signatures.map(({ repository, digest, keyId }) => ({ repository, digest, keyId })),
  };
}

describe("atom mirror save", () => {
  test("shows what it would save, and asks no registry", async () => {
    const asked = source.seen.length;
    const { code, out, error } = await save();
    expect({ code, error }).toEqual({
      code: 0,
      error: `nothing was saved; write ${archive} with --apply\n`,
    });
    expect(out).toContain(`${source.host}/atom-cloud/api:7.2.0`);
    expect(source.seen.length).toBe(asked);
    expect(existsSync(archive)).toBe(false);
  });

  test("saves the same bytes each time, without a key and without the target", async () => {
    await target.close();
    const { code, out } = await atom(["mirror", "save", fleet, "--to", archive, "--apply"]);
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^5 images saved into .*images\.tar, [0-9.]+ KiB\n$/) as string,
    });
    const first = readFileSync(archive);
    await save("--apply");
    expect(readFileSync(archive).equals(first)).toBe(true);
  });

  test("names every image that cannot be read, and leaves no file", async () => {
    const { digest } = readLock().images[4]!;
    source.manifests.delete(`atom-cloud/worker@${digest}`);
    const { code, out, error } = await save("--apply");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toMatch(new RegExp(`^worker ${digest}: .* is not at the source$`, "m"));
    expect(error).toContain("1 of 5 images failed; no file is left\n");
    expect(readdirSync(join(archive, ".."))).toEqual([]);
  });

  test("fails for a blob that is not what its digest says, and leaves no file", async () => {
    for (const [name, blob] of source.blobs) source.blobs.set(name, Buffer.alloc(blob.length));
    const { code, error } = await save("--apply");
    expect(code).toBe(1);
    expect(error).toMatch(/^failed: sha256:.* has the content of sha256:/m);
    expect(readdirSync(join(archive, ".."))).toEqual([]);
  });

  test("leaves no file when it is interrupted", async () => {
    const interruption = new AbortController();
    source.fault("GET", /blobs/, async (_, __, normal) => {
      interruption.abort(new Error("interrupted"));
      await normal();
    });
    const program = createProgram({
      terminal: new RecordingTerminal(),
      signal: interruption.signal,
      finish: () => undefined,
    });
    const argv = ["node", "atom", "mirror", "save", fleet, "--to", archive, "--apply"];
    await expect(program.parseAsync(argv)).rejects.toThrow("interrupted");
    expect(readdirSync(join(archive, ".."))).toEqual([]);
  });
});

describe("atom mirror load", () => {
  beforeEach(async () => {
    await save("--apply");
  });

  test("says that an archive is sound and whole, without a key, and copies nothing", async () => {
    await source.close();
    const { code, out, error } = await atom(["mirror", "load", fleet, "--from", archive]);
    expect(code).toBe(0);
    expect(error).toContain("the archive is sound and has every image; nothing was copied");
    expect(out).toContain(`${target.host}/atom/api@sha256:`);
    expect(target.seen).toEqual([]);
  });

  test("mirrors what a sync would, and records the same", async () => {
    const other = await new RegistryDouble().start();
    await run("sync", fleet, "--apply");
    const synced = filesOf();
    const tags = new Map(target.tags);
    await target.close();
    target = other;
    declare(other.host);
    await source.close();
    const { code, out } = await load("--apply");
    expect({ code, out }).toEqual({
      code: 0,
      out: "5 of 5 images are copied, signed and verified; the chart is signed\n",
    });
    const text = JSON.stringify(filesOf()).replaceAll(other.host, synced.state.target);
    expect(JSON.parse(text)).toEqual(synced);
    const images = (all: Map<string, string>) => [...all].filter(([tag]) => tag.endsWith(":7.2.0"));
    expect(new Map(images(other.tags))).toEqual(new Map(images(tags)));
  });

  test("fills a mirror from another one, with the signature that one made", async () => {
    await run("sync", fleet, "--apply");
    const next = await new RegistryDouble().start();
    source.fault("GET", /./, (_, response) => void response.writeHead(500).end(), Infinity);
    expect((await save("--from-target", "--apply")).code).toBe(0);
    declare(next.host);
    const { code } = await load("--apply");
    expect(code).toBe(0);
    const { images } = readMirrorState(join(folder, "mirror_state.json"))!;
    for (const { upstreamSignatures } of images) {
      expect(upstreamSignatures.carried).toBeGreaterThan(0);
    }
    expect((await run("verify", fleet)).code).toBe(0);
    await next.close();
  });

  test("fails for an image that the archive does not have, before anything is copied", async () => {
    const lock = readLock();
    const images = lock.images.map((image) =>
      image.name === "api" ? { ...image, digest: `sha256:${"0".repeat(64)}` } : image,
    );
    writeFileSync(join(folder, "atom.lock.json"), JSON.stringify({ ...lock, images }));
    const { code, error } = await load("--apply");
    expect(code).toBe(2);
    expect(error).toContain(
      `has no ${source.host}/atom-cloud/api:7.2.0 of sha256:${"0".repeat(64)}; ` +
        `it has ${lock.images[0]!.digest}; save it from this lock with: atom mirror save`,
    );
    expect(target.seen).toEqual([]);
  });

  test("R11 fails for an archive in which one byte is another, before anything is copied", async () => {
    const bytes = readFileSync(archive);
    bytes[600] = bytes[600]! ^ 1;
    writeFileSync(archive, bytes);
    const { code, error } = await load("--apply");
    expect(code).toBe(1);
    expect(error).toMatch(/^failed: sha256:.* has the content of sha256:.*\n$/);
    expect(target.seen).toEqual([]);
    expect(existsSync(join(folder, "mirror_state.json"))).toBe(false);
  });

  test("fails without a key before the archive is read", async () => {
    const { code, error } = await atom(["mirror", "load", fleet, "--from", "none.tar", "--apply"]);
    expect(code).toBe(2);
    expect(error).toContain("COSIGN_KEY_PATH: there is no key to sign with");
  });

  test("fails for a path below a file", async () => {
    const { code, error } = await run("load", fleet, "--from", join(fleet, "images.tar"));
    expect(code).toBe(2);
    expect(error).toContain("cannot be read (ENOTDIR); name what atom mirror save wrote");
  });

  test("fails for a file that is not there", async () => {
    const { code, error } = await run("load", fleet, "--from", "none.tar");
    expect(code).toBe(2);
    expect(error).toBe(
      "Invalid archive:\n - none.tar: cannot be read (ENOENT); name what atom mirror save wrote\n",
    );
  });
});
