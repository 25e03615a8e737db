import { readFileSync, rmSync } from "node:fs";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HttpRegistry } from "../../../lib/registry/http/http-registry";
import { readImageTree } from "../../../lib/registry/image-tree";
import type { ImageTree } from "../../../lib/registry/image-tree";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { applyMirror } from "../../../lib/registry/mirror/apply";
import { planMirror } from "../../../lib/registry/mirror/plan";
import type { MirrorPlan } from "../../../lib/registry/mirror/plan";
import { resolveImages } from "../../../lib/registry/mirror/resolve";
import type { MirroredImage } from "../../../lib/registry/mirror/state";
import { verifyMirror } from "../../../lib/registry/mirror/verify";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { generateSigningKey } from "../../../lib/signing/key";
import { systemClock } from "../../../lib/support/clock";
import type { Digest } from "../../../lib/support/digest";
import { Secret } from "../../../lib/support/secret";
import { BedFolder } from "../bed/bed-folder";
import { engine } from "../engine";
import { putRandomImage } from "../random-image";
import { TemporaryFolder } from "../temporary-folder";
import { resolveToolchain } from "../toolchain/resolve";
import { look, putImage, wrongFiles } from "./copied-image";
import { FaultProxy } from "./fault-proxy";
import { startFullRegistry, withLargestFile } from "./full-disk";
import { changeFile, storedFile } from "./stored-file";

const { bed } = engine();
const { host, username, password } = bed.securedRegistry;
const credentials = { username, password: Secret.of(password) };
const basic = Buffer.from(`${username}:${password}`).toString("base64");
const authorities = [readFileSync(bed.caFile, "utf8")];
const timing = { wait: () => Promise.resolve(), random: () => 0.5 };
const key = generateSigningKey();

const TARGET = "registry.example:5000";
/** Of `putImage`, in its layer. */
const LAYER_BYTES = 300_000;

let run = 0;
let repository: string;
let folder: TemporaryFolder;
/** In front of the open registry, whose disk can be got at, with a token server. */
let proxy: FaultProxy;
let changeable: HttpRegistry;
const secured = new HttpRegistry({ registry: host, credentials, authorities, timing });

beforeAll(async () => {
  const origin = `http://${bed.openRegistry.host}`;
  proxy = await FaultProxy.start({ origin, authorization: `Basic ${basic}` });
  changeable = new HttpRegistry({
    registry: proxy.host,
    credentials,
    authorities: [proxy.authority],
    timing,
  });
});
afterAll(() => proxy.stop());
beforeEach(() => {
  run += 1;
  repository = `disks/image-${process.pid}-${run}`;
  folder = new TemporaryFolder("atom-disks-");
  return () => folder.remove();
});

async function planFor(source: RegistryClient, tag = "1"): Promise<MirrorPlan> {
  const image = { name: `image-${process.pid}-${run}`, source: `ghcr.io/${repository}:${tag}` };
  return planMirror(await resolveImages([image], () => source), { target: TARGET });
}

/** Mirrors the image, reading nothing of a record, and says what is on record then; no secret is. */
async function mirror(
  plan: MirrorPlan,
  source: RegistryClient,
  target: RegistryClient,
): Promise<MirroredImage> {
  const options = { sourceOf: () => source, target, key, clock: systemClock };
  const { state } = await applyMirror(plan, options);
  const said = inspect([state, source, target], { showHidden: true, depth: 9 });
  for (const secret of [password, basic]) expect(said).not.toContain(secret);
  return state.images[0]!;
}

/** What a copy came to, in short. */
function ending({ outcome, failure, verified, cause }: MirroredImage) {
  return { outcome, failure, verified, cause };
}

const corrupt = (cause: string | RegExp) => ({
  outcome: "failed",
  failure: "corrupt",
  verified: false,
  cause: typeof cause === "string" ? cause : (expect.stringMatching(cause) as string),
});

function layerOf(tree: ImageTree): Digest {
  return tree.blobs.find(({ size }) => size === LAYER_BYTES)!.digest;
}

function flip(bytes: Buffer): Buffer {
  bytes[9]! ^= 1;
  return bytes;
}

/** What JSON is still the same manifest's shape, and another manifest. */
function changeSize(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes.toString().replace(`"size":${LAYER_BYTES}`, `"size":${LAYER_BYTES + 1}`),
  );
}

const TARGETS: Readonly<Record<string, () => RegistryClient>> = {
  "a registry": () => secured,
  "an OCI layout": () => new OciLayout(folder.path),
};

describe.each(Object.keys(TARGETS))("R12 a mirror to %s from a registry", (kind) => {
  test.each<[string, (tree: ImageTree) => Digest, (bytes: Buffer) => Buffer]>([
    ["layer", layerOf, flip],
    ["manifest", ({ root }) => root.digest, changeSize],
  ])("whose disk has changed a %s fails", async (_, digestIn, change) => {
    await putImage(changeable, repository, "1");
    const plan = await planFor(changeable);
    const tree = (await readImageTree(changeable, repository, "1"))!;
    const digest = digestIn(tree);
    const found = changeFile(storedFile(bed, digest), change);
    const target = TARGETS[kind]!();
    const image = await mirror(plan, changeable, target);
    expect(ending(image)).toEqual(
      corrupt(new RegExp(`${digest}:? (it )?has the content of ${found}$`)),
    );
    const { tag, wrong } = await look(target, image.repository, tree);
    expect({ tag, wrong: [...wrong, ...wrongFiles(folder.path)] }).toEqual({
      tag: undefined,
      wrong: [],
    });
    expect(await target.headManifest(image.repository, image.digest)).toBeUndefined();
  });
});

describe("R12 a registry that is mirrored to", () => {
  let plan: MirrorPlan;
  let tree: ImageTree;

  beforeEach(async () => {
    await putImage(secured, repository, "1");
    plan = await planFor(secured);
    tree = (await readImageTree(secured, repository, "1"))!;
    expect(await sync()).toMatchObject({ outcome: "copied", verified: true });
    expect(await verified()).toMatchObject({ whole: true, verification: { verified: true } });
  });

  const sync = () => mirror(plan, secured, changeable);
  const verified = async () =>
    (await verifyMirror(plan, changeable, [key.publicKeyPem])).images[0]!;
  const untrue = (reason: RegExp) => ({
    whole: false,
    verification: { verified: false, reason: expect.stringMatching(reason) as string },
  });

  test("and has changed a layer is found by verify, and mended by a sync once the file is away", async () => {
    const file = storedFile(bed, layerOf(tree));
    const found = changeFile(file, flip);
    // A sync reads no layer again: it asks whether there is one, and of which size.
    expect(await sync()).toMatchObject({ outcome: "present" });
    expect(await verified()).toMatchObject(
      untrue(new RegExp(`^${layerOf(tree)} has the content of ${found}$`)),
    );
    rmSync(file);
    expect(await sync()).toMatchObject({ outcome: "copied", verified: true });
    expect(await verified()).toMatchObject({ whole: true, verification: { verified: true } });
  });

  test("and has cut off a layer is found by verify and by a sync", async () => {
    changeFile(storedFile(bed, layerOf(tree)), (bytes) => bytes.subarray(0, 1_000));
    expect(ending(await sync())).toEqual(
      corrupt(new RegExp(`${layerOf(tree)}: it has 1000 bytes, not ${LAYER_BYTES}$`)),
    );
    expect(await verified()).toMatchObject(
      untrue(new RegExp(`${layerOf(tree)} has 1000 of the announced ${LAYER_BYTES} bytes$`)),
    );
  });

  test("and has changed a manifest is found by verify and by a sync", async () => {
    const { digest } = tree.root;
    const found = changeFile(storedFile(bed, digest), changeSize);
    const reason = new RegExp(`has the content of ${found}$`);
    expect(ending(await sync())).toEqual(corrupt(reason));
    expect(await verified()).toMatchObject(untrue(reason));
  });
});

describe("R9 a full disk", () => {
  test("of an OCI layout that is mirrored to fails the image, and leaves no rest", async () => {
    await putImage(changeable, repository, "1");
    const plan = await planFor(changeable);
    const tree = (await readImageTree(changeable, repository, "1"))!;
    const target = new OciLayout(folder.path);
    const image = await withLargestFile(100_000, () => mirror(plan, changeable, target));
    expect(ending(image)).toEqual({
      outcome: "failed",
      failure: "other",
      verified: false,
      cause: "EFBIG during write",
    });
    expect(wrongFiles(folder.path)).toEqual([]);
    expect((await look(target, image.repository, tree)).tag).toBeUndefined();
    expect(await mirror(plan, changeable, target)).toMatchObject({ outcome: "copied" });
    expect(wrongFiles(folder.path)).toEqual([]);
  });

  test("of a registry that is mirrored to fails the image, and not the next one", async () => {
    const beds = new BedFolder(folder.path);
    try {
      const tools = await resolveToolchain({ parts: ["registry"] });
      const { host: registry } = await startFullRegistry(beds, tools, 100);
      const target = new HttpRegistry({ registry, timing });
      await putImage(changeable, repository, "1");
      const image = await mirror(await planFor(changeable), changeable, target);
      expect(ending(image)).toEqual({
        outcome: "failed",
        failure: "unreachable",
        verified: false,
        cause: expect.stringMatching(/: the registry answered 500$/) as string,
      });
      expect(await target.headManifest(image.repository, "1")).toBeUndefined();
      await putRandomImage(changeable, repository, { tag: "2", bytes: 10_000 });
      expect(await mirror(await planFor(changeable, "2"), changeable, target)).toMatchObject({
        outcome: "copied",
        verified: true,
      });
    } finally {
      await beds.stop();
    }
  });
});
