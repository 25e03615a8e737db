import { appendFileSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packageChart } from "../../lib/chart/package";
import { createProgram } from "../../lib/cli/run";
import { buildImage } from "../../lib/registry/image-builder";
import type { ImageLock } from "../../lib/registry/mirror/image";
import { cosignTag } from "../../lib/registry/signature/cosign-tag";
import { referrersTag } from "../../lib/registry/referrers-tag";
import type { MirrorPlan } from "../../lib/registry/mirror/plan";
import { readMirrorState } from "../../lib/registry/mirror/state";
import { readSignatureSet } from "../../lib/signing/signature-file";
import { RecordingTerminal } from "../doubles/recording-terminal";
import type { RegistryDouble } from "../doubles/registry-double";
import { tempFolder } from "../doubles/temp-folder";
import { clientFor } from "../registry/helpers";
import {
  atom,
  IMAGE_NAMES,
  imagesFrom,
  inFolder,
  smallFleet,
  writeFleet,
  writeKeyPair,
} from "./atom";
import { startTwoRegistries } from "./two-registries";

const CHART = "atom/charts/services";

let source: RegistryDouble;
let target: RegistryDouble;
let folder: string;
let fleet: string;
let key: ReturnType<typeof writeKeyPair>;

beforeEach(async () => {
  [source, target] = await startTwoRegistries();
  folder = tempFolder();
  key = writeKeyPair(folder);
  fleet = writeFleet(
    folder,
    smallFleet({ registry: { target: target.host }, images: imagesFrom(source.host) }),
  );
});
afterEach(() => Promise.all([source.close(), target.close()]));

const beside = (name: string) => join(folder, name);
const run = (...argv: string[]) => atom(["mirror", ...argv], { environment: key.environment });
const readLock = () => JSON.parse(readFileSync(beside("atom.lock.json"), "utf8")) as ImageLock;

describe("atom mirror lock", () => {
  test("shows what would be written, and writes nothing", async () => {
    const { code, out, error } = await run("lock", fleet);
    expect(code).toBe(0);
    expect(out.split("\n").filter((line) => line.includes(" new "))).toHaveLength(5);
    expect(error).toBe("nothing was written; write atom.lock.json with --apply\n");
    expect(existsSync(beside("atom.lock.json"))).toBe(false);
  });

  test("writes with --apply what --json prints", async () => {
    const { code, out } = await run("lock", fleet, "--apply", "--json");
    expect(code).toBe(0);
    expect(readLock()).toEqual(JSON.parse(out));
    expect(readLock().images.map(({ name }) => name)).toEqual(IMAGE_NAMES);
  });

  test("fails for a tag that has moved, and follows it with --update", async () => {
    await run("lock", fleet, "--apply");
    const [before] = readLock().images;
    const { digest: moved } = await buildImage(clientFor(source).client, {
      repository: "atom-cloud/api",
      tag: "7.2.0",
      platform: "linux/amd64",
      files: { "app/api.js": "another" },
    });
    const refused = await run("lock", fleet, "--apply");
    expect(refused.code).toBe(2);
    expect(refused.error).toContain(`has moved from ${before!.digest}`);
    expect(readLock().images[0]).toEqual(before);
    const followed = await run("lock", fleet, "--apply", "--update");
    expect(followed.code).toBe(0);
    expect(followed.out).toMatch(/^api +changed/m);
    expect(readLock().images[0]!.digest).toBe(moved);
  });

  test("fails in one line for a registry that says no", async () => {
    source.auth = "basic";
    source.password = "unknown-to-us";
    const { code, out, error } = await run("lock", fleet, "--apply");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toMatch(/^failed: .*atom-cloud.*\n$/);
  });
});

describe("atom mirror plan", () => {
  test("fails without a lock and names the command that makes it", async () => {
    const { code, error } = await run("plan", fleet);
    expect(code).toBe(2);
    expect(error).toContain("atom mirror lock --apply");
  });

  test("fails for an image that the lock does not have", async () => {
    await run("lock", fleet, "--apply");
    const images = imagesFrom(source.host).map((image) => ({
      ...image,
      source: image.source.replace("api:7.2.0", "api:7.3.0"),
    }));
    writeFleet(folder, smallFleet({ registry: { target: target.host }, images }));
    const { code, error } = await run("plan", fleet);
    expect(code).toBe(2);
    expect(error).toContain("has no image 'api'");
  });

  test("prints a plan as JSON and asks no registry", async () => {
    await run("lock", fleet, "--apply");
    const asked = source.seen.length;
    const { code, out } = await run("plan", fleet, "--json");
    expect(code).toBe(0);
    const plan = JSON.parse(out) as MirrorPlan;
    expect(plan.images.map(({ to }) => to)).toEqual(
      readLock().images.map(({ repository, digest }) => `${target.host}/${repository}@${digest}`),
    );
    expect([source.seen.length, target.seen.length]).toEqual([asked, 0]);
  });
});

describe("atom mirror sync", () => {
  beforeEach(() => run("lock", fleet, "--apply"));

  test("shows the plan and copies nothing, without a key", async () => {
    const { code, out, error } = await atom(["mirror", "sync", fleet]);
    expect({ code, error }).toEqual({
      code: 0,
      error: "nothing was copied; copy, sign and verify with --apply\n",
    });
    expect(out).toContain(`${target.host}/atom/api@sha256:`);
    expect(target.seen).toEqual([]);
  });

  test("fails without a key before anything is copied", async () => {
    const { code, error } = await atom(["mirror", "sync", fleet, "--apply"]);
    expect(code).toBe(2);
    expect(error).toMatch(
      /COSIGN_KEY_PATH: there is no key to sign with; make a pair with: atom key generate/,
    );
    expect(target.seen).toEqual([]);
  });

  test("fails with a key that the fleet does not trust before anything is copied", async () => {
    const { environment } = writeKeyPair(tempFolder());
    const { code, error } = await atom(["mirror", "sync", fleet, "--apply"], { environment });
    expect({ code, error }).toEqual({
      code: 2,
      error:
        `Invalid signing:\n - ${environment.COSIGN_KEY_PATH}: is not the private half of a key in cosign.pub, which ` +
        "the fleet trusts; set COSIGN_KEY_PATH to the one that is, or add this one's public half to cosign.pub\n",
    });
    expect(target.seen).toEqual([]);
    expect(existsSync(beside("mirror_state.json"))).toBe(false);
  });

  test("signs with either key while the fleet trusts two", async () => {
    const other = tempFolder();
    const { environment } = writeKeyPair(other);
    appendFileSync(beside("cosign.pub"), readFileSync(join(other, "cosign.pub")));
    const { code } = await atom(["mirror", "sync", fleet, "--apply"], { environment });
    expect(code).toBe(0);
  });

  test("copies, signs and verifies images and chart, and says what it did", async () => {
    const { code, out } = await run("sync", fleet, "--apply");
    expect({ code, out }).toEqual({
      code: 0,
      out: "5 of 5 images are copied, signed and verified; the chart is signed\n",
    });
    const state = readMirrorState(beside("mirror_state.json"));
    expect(state?.images.map(({ name, outcome, signed }) => [name, outcome, signed])).toEqual(
      IMAGE_NAMES.map((name) => [name, "copied", true]),
    );
    const digests = [...readLock().images.map(({ digest }) => digest), packageChart().digest];
    const signed = readSignatureSet(beside("atom.signatures.json"))!.signatures;
    expect(signed.map(({ digest }) => digest).sort()).toEqual(digests.sort());
    expect(signed.map(({ repository }) => repository)).toContain(`${target.host}/${CHART}`);
    expect(target.tags.get(`${CHART}:${packageChart().tag}`)).toBe(packageChart().digest);
    expect(existsSync(beside(".atom/mirror.lock"))).toBe(false);
  });

  test("keeps the signatures of a run before", async () => {
    await run("sync", fleet, "--apply");
    const before = readFileSync(beside("atom.signatures.json"), "utf8");
    const { code } = await run("sync", fleet, "--apply");
    expect(code).toBe(0);
    expect(readFileSync(beside("atom.signatures.json"), "utf8")).toBe(before);
  });

  test("copies nothing of an image that its upstream's key has not signed", async () => {
    const vendor = tempFolder();
    writeKeyPair(vendor);
    copyFileSync(join(vendor, "cosign.pub"), beside("vendor.pub"));
    const [api, ...others] = imagesFrom(source.host);
    const images = [{ ...api!, publicKeys: ["vendor.pub"] }, ...others];
    writeFleet(folder, smallFleet({ registry: { target: target.host }, images }));
    const { code, out, error } = await run("sync", fleet, "--apply");
    expect(code).toBe(1);
    expect(out).toContain("4 of 5 images");
    expect(error).toMatch(/^api sha256:\w+: the source's signature: there is no signature$/m);
    expect(target.count("POST", /atom\/api\//)).toBe(0);
  });

  test("fails for an upstream's key that is not there, and names it", async () => {
    const [api, ...others] = imagesFrom(source.host);
    const images = [{ ...api!, publicKeys: ["nowhere.pub"] }, ...others];
    writeFleet(folder, smallFleet({ registry: { target: target.host }, images }));
    const { code, error } = await run("sync", fleet, "--apply");
    expect(code).toBe(2);
    expect(error).toContain("images[0].publicKeys[0]: 'nowhere.pub' cannot be read (ENOENT)");
  });

  test("names a failed image with digest and cause, and does the rest", async () => {
    target.fault(
      "POST",
      /atom\/worker\/blobs/,
      (_, response) => void response.writeHead(403).end(),
      99,
    );
    const { code, out, error } = await run("sync", fleet, "--apply");
    expect(code).toBe(1);
    expect(out).toContain("4 of 5 images");
    const { digest } = readLock().images.find(({ name }) => name === "worker")!;
    expect(error).toMatch(new RegExp(`^worker ${digest}: .+$`, "m"));
    const state = readMirrorState(beside("mirror_state.json"))!;
    expect(state.images.map(({ outcome }) => outcome)).toEqual([
      ...Array<string>(4).fill("copied"),
      "failed",
    ]);
  });

  test("names a failed chart with digest and cause", async () => {
    target.fault("POST", /charts/, (_, response) => void response.writeHead(403).end(), 99);
    const { code, out, error } = await run("sync", fleet, "--apply");
    expect(code).toBe(1);
    expect(out).toContain("5 of 5 images are copied, signed and verified; the chart failed");
    expect(error).toMatch(new RegExp(`^chart services ${packageChart().digest}: .+$`, "m"));
  });

  test("stops when it is interrupted, keeps what was done, and is taken up by the next run", async () => {
    const interruption = new AbortController();
    // The last image by name begins when another one has ended.
    target.fault("POST", /atom\/worker\/blobs/, async (_, __, normal) => {
      interruption.abort(new Error("interrupted"));
      await normal();
    });
    const program = createProgram({
      terminal: new RecordingTerminal(key.environment),
      signal: interruption.signal,
      finish: () => undefined,
    });
    const argv = ["node", "atom", "mirror", "sync", fleet, "--apply"];
    await expect(program.parseAsync(argv)).rejects.toThrow("interrupted");
    const { images } = readMirrorState(beside("mirror_state.json"))!;
    expect(images.map(({ outcome }) => outcome)).toEqual(images.map(() => "copied"));
    expect(images.length).toBeGreaterThan(0);
    expect(images.map(({ name }) => name)).not.toContain("worker");
    expect(existsSync(beside(".atom/mirror.lock"))).toBe(false);
    target.seen.splice(0);
    expect((await run("sync", fleet, "--apply")).code).toBe(0);
    for (const { name } of images) expect(target.count("GET", new RegExp(`atom/${name}/`))).toBe(0);
    expect(readMirrorState(beside("mirror_state.json"))!.images).toHaveLength(5);
  });

  test("reads what is on record as whole again with --full only", async () => {
    await run("sync", fleet, "--apply");
    source.seen.splice(0);
    await run("sync", fleet, "--apply");
    expect(source.seen).toEqual([]);
    await run("sync", fleet, "--apply", "--full");
    expect(source.count("GET", /manifests/)).toBeGreaterThan(5);
  });

  test("prints and writes neither the key nor its password", async () => {
    const { out, error } = await run("sync", fleet, "--apply");
    const written = ["mirror_state.json", "atom.signatures.json"].map((name) =>
      readFileSync(beside(name), "utf8"),
    );
    const all = [out, error, ...written].join("\n");
    const secrets = [key.environment.COSIGN_PASSWORD, ...key.privatePem.split("\n").slice(1, 3)];
    for (const secret of secrets) expect(all).not.toContain(secret);
  });

  test("fails for a wrong password without repeating it", async () => {
    const environment = { ...key.environment, COSIGN_PASSWORD: "wrong-password-3Lm9" };
    const { code, error } = await atom(["mirror", "sync", fleet, "--apply"], { environment });
    expect(code).toBe(2);
    expect(error).toContain("the password is wrong");
    expect(error).not.toContain("3Lm9");
  });

  describe("--plan -", () => {
    const planOf = async () => JSON.parse((await run("plan", fleet, "--json")).out) as MirrorPlan;
    const sync = (input: object, ...argv: string[]) =>
      atom(["mirror", "sync", "--plan", "-", ...argv], { environment: key.environment, input });

    test("takes a plan and writes into the working directory", async () => {
      const work = tempFolder();
      const plan = await planOf();
      const { code } = await inFolder(work, () => sync(plan, "--apply"));
      expect(code).toBe(0);
      expect(readMirrorState(join(work, "mirror_state.json"))?.images).toHaveLength(5);
      expect(readSignatureSet(join(work, "atom.signatures.json"))?.signatures).toHaveLength(6);
      expect(existsSync(beside("mirror_state.json"))).toBe(false);
    });

    test("fails for a fleet beside it, which nobody would read", async () => {
      const { code, error } = await atom(["mirror", "sync", "nofile", "--plan", "-"], {
        input: {},
      });
      expect({ code, error }).toEqual({
        code: 2,
        error: "Invalid arguments:\n - nofile: is not read with --plan; leave one of them out\n",
      });
    });

    test("takes a target with a path", async () => {
      writeFleet(folder, smallFleet({ images: imagesFrom(source.host) }));
      const { images } = await planOf();
      const moved = {
        target: `${target.host}/team`,
        images: images.map((image) => ({
          ...image,
          repository: `team/${image.repository}`,
          to: `${target.host}/team/${image.repository}@${image.digest}`,
        })),
      };
      const { code } = await inFolder(tempFolder(), () => sync(moved, "--apply"));
      expect(code).toBe(0);
      expect(target.tags.has(`team/${CHART}:${packageChart().tag}`)).toBe(true);
    });

    test.each<[string, (image: MirrorPlan["images"][number]) => object]>([
      ["from", (image) => ({ ...image, from: image.from.replace(/@.*/, ":7.2.0") })],
      ["to", (image) => ({ ...image, to: image.to.replace("atom/", "evil/") })],
      ["to", (image) => ({ ...image, repository: "evil/api" })],
      ["tag", (image) => ({ ...image, tag: "../x" })],
      ["digest", (image) => ({ ...image, digest: "sha256:0" })],
      ["images.0", (image) => ({ ...image, extra: "unknown-field-value" })],
    ])("fails for a plan whose %s is not right", async (field, change) => {
      const plan = await planOf();
      const images = plan.images.map((image, index) => (index === 0 ? change(image) : image));
      const { code, error } = await inFolder(tempFolder(), () =>
        sync({ ...plan, images }, "--apply"),
      );
      expect(code).toBe(2);
      expect(error).toMatch(new RegExp(`standard input: is no plan of this verb \\(.*${field}`));
      expect(error).not.toContain("unknown-field-value");
      expect(target.seen).toEqual([]);
    });
  });
});

describe("atom mirror verify", () => {
  beforeEach(async () => {
    await run("lock", fleet, "--apply");
    await run("sync", fleet, "--apply");
  });

  test("finds everything whole and signed", async () => {
    const { code, out, error } = await run("verify", fleet);
    expect(code).toBe(0);
    expect(out.match(/whole and signed/g)).toHaveLength(6);
    expect(error.split("\n").filter(Boolean).sort()).toEqual(
      IMAGE_NAMES.map((name) => `${name}: done`),
    );
  });

  test("fails for an image whose signature is gone, and prints JSON", async () => {
    const { digest } = readLock().images[0]!;
    target.tags.delete(`atom/api:${cosignTag(digest)}`);
    target.tags.delete(`atom/api:${referrersTag(digest)}`);
    const { code, out } = await run("verify", fleet, "--json");
    expect(code).toBe(1);
    const { verified, images } = JSON.parse(out) as { verified: boolean; images: unknown[] };
    expect(verified).toBe(false);
    expect(images[0]).toMatchObject({ name: "api", verification: { verified: false } });
  });

  test("fails for a chart that another key signed", async () => {
    writeKeyPair(folder);
    const { code, out } = await run("verify", fleet);
    expect(code).toBe(1);
    expect(out).not.toContain("whole and signed");
  });

  test("fails without the public key and says how to make it", async () => {
    writeFileSync(fleet, readFileSync(fleet, "utf8") + "signing: { publicKey: other.pub }\n");
    const { code, error } = await run("verify", fleet);
    expect(code).toBe(2);
    expect(error).toContain(
      "other.pub: the public key's file cannot be read (ENOENT); put it there, or name another with " +
        "signing.publicKey in the fleet file, or make a pair with: atom key generate --output-key-prefix ",
    );
  });
});
