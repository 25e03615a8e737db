import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { extract } from "tar-stream";
import type { Header } from "tar-stream";
import { beforeEach, describe, expect, test } from "vitest";
import { applyMirror } from "../../../lib/registry/mirror/apply";
import { openArchive } from "../../../lib/registry/archive/archive";
import { planArchive } from "../../../lib/registry/archive/archive-plan";
import { buildImage, buildMultiPlatformImage } from "../../../lib/registry/image-builder";
import { cosignTag } from "../../../lib/registry/signature/cosign-tag";
import { attachSignature } from "../../../lib/registry/signature/signature-tag";
import { readImageTree } from "../../../lib/registry/image-tree";
import { OCI_MANIFEST } from "../../../lib/registry/media-types";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { planMirror } from "../../../lib/registry/mirror/plan";
import type { MirrorPlan } from "../../../lib/registry/mirror/plan";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { resolveImages } from "../../../lib/registry/mirror/resolve";
import { saveArchive } from "../../../lib/registry/archive/save-archive";
import { sha256 } from "../../../lib/support/digest";
import { systemClock } from "../../../lib/support/clock";
import { collect } from "../../../lib/registry/verified-stream";
import { tempFolder } from "../../doubles/temp-folder";
import { blobOf, seedImages, TARGET } from "../helpers";

const HOST = "ghcr.io:5000";

let source: OciLayout;
let plan: MirrorPlan;
let folder: string;

beforeEach(() => {
  source = new OciLayout(tempFolder());
  folder = tempFolder();
});

async function seed(): Promise<void> {
  await seedImages(source, "api", "worker");
  await buildMultiPlatformImage(source, {
    repository: "atom-cloud/console",
    tag: "7.2.0",
    platforms: ["linux/amd64", "linux/arm64"],
    files: { a: "b" },
  });
  await attachThings("atom-cloud/api");
  const images = ["api", "console", "worker"].map((name) => ({
    name,
    source: `${HOST}/atom-cloud/${name}:7.2.0`,
  }));
  plan = planMirror(await resolveImages(images, () => source), { target: TARGET });
}

/** A signature under cosign's tag, an SBOM that refers to the image, and one that refers to the SBOM. */
async function attachThings(repository: string): Promise<void> {
  const digest = (await source.headManifest(repository, "7.2.0"))!;
  await attachSignature(
    { client: source, repository },
    {
      repository: `${HOST}/${repository}`,
      digest,
      payload: Buffer.from("{}").toString("base64"),
      signature: "c2ln",
      keyId: sha256("upstream"),
    },
  );
  await refer(repository, digest, "provenance");
  const sbom = await refer(repository, digest, "sbom");
  await refer(repository, sbom, "attestation");
}

async function refer(repository: string, subject: `sha256:${string}`, content: string) {
  const blob = blobOf(content);
  await source.putBlob(repository, blob, blob.open);
  const about = { mediaType: "application/x", digest: blob.digest, size: blob.size };
  const size = (await source.getManifest(repository, subject))!.bytes.length;
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: `application/${content}`,
    config: about,
    layers: [about],
    subject: { mediaType: OCI_MANIFEST, digest: subject, size },
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return source.putManifest(repository, sha256(bytes), OCI_MANIFEST, bytes);
}

function save(path: string, from: RegistryClient = source, which = plan) {
  return saveArchive(planArchive(which, "source"), path, {
    sourceOf: () => from,
    clock: systemClock,
    signal: new AbortController().signal,
  });
}

async function mirror(from: RegistryClient): Promise<{ state: unknown; target: OciLayout }> {
  const target = new OciLayout(tempFolder());
  const { state } = await applyMirror(plan, {
    sourceOf: () => from,
    target,
    clock: { now: () => new Date(0) },
  });
  return { state, target };
}

/** Every tag of a layout with what it stands for; of a list of referrers, in whatever order. */
async function describeLayout(layout: OciLayout): Promise<Record<string, unknown>> {
  const described: Record<string, unknown> = {};
  for (const { repository } of plan.images) {
    for await (const tag of layout.listTags(repository)) {
      const tree = (await readImageTree(layout, repository, tag))!;
      for (const blob of tree.blobs) expect(await layout.hasBlob(repository, blob)).toBe(true);
      described[`${repository}:${tag}`] = /^sha256-[0-9a-f]{64}$/.test(tag)
        ? tree.manifests
            .map(({ digest }) => digest)
            .filter((each) => each !== tree.root.digest)
            .sort()
        : tree.root.digest;
    }
  }
  return described;
}

/** Every entry of a tar file, with its content. */
async function entriesOf(path: string): Promise<{ header: Header; content: Buffer }[]> {
  const tar = extract();
  tar.end(readFileSync(path));
  const entries = [];
  for await (const entry of tar) {
    const content = await collect(entry as AsyncIterable<Uint8Array>, 1 << 24, "entry");
    entries.push({ header: entry.header, content });
  }
  return entries;
}

describe("an archive", () => {
  beforeEach(seed);

  test("fills a mirror as its sources would, with all that is attached", async () => {
    const path = join(folder, "images.tar");
    expect(await save(path)).toEqual({ bytes: expect.any(Number) as number, failed: [] });
    const archive = await openArchive(path);
    const direct = await mirror(source);
    const carried = await mirror(archive.registry(HOST));
    expect(carried.state).toEqual(direct.state);
    expect(carried.state).toMatchObject({
      images: [
        { name: "api", outcome: "copied", upstreamSignatures: { found: 4, carried: 4 } },
        {},
        {},
      ],
    });
    expect(await describeLayout(carried.target)).toEqual(await describeLayout(direct.target));
  });

  test("is the same from a folder that it was unpacked into", async () => {
    const path = join(folder, "images.tar");
    await save(path);
    const layout = join(folder, "layout");
    for (const { header, content } of await entriesOf(path)) {
      await mkdir(dirname(join(layout, header.name)), { recursive: true });
      await writeFile(join(layout, header.name), content);
    }
    const [packed, unpacked] = [await openArchive(path), await openArchive(layout)];
    expect(unpacked.names).toEqual(packed.names);
    expect((await mirror(unpacked.registry(HOST))).state).toEqual(
      (await mirror(packed.registry(HOST))).state,
    );
  });

  test("names each image in full, where other tools look for it", async () => {
    const path = join(folder, "images.tar");
    await save(path);
    const entries = await entriesOf(path);
    const { manifests } = JSON.parse(
      entries.find(({ header }) => header.name === "index.json")!.content.toString(),
    ) as { manifests: { digest: string; annotations: Record<string, string> }[] };
    const named = new Map(
      manifests.map(({ digest, annotations }) => [
        annotations["org.opencontainers.image.ref.name"],
        digest,
      ]),
    );
    const [api, console, worker] = plan.images.map(({ digest }) => digest);
    expect(named.get(`${HOST}/atom-cloud/api:7.2.0`)).toBe(api);
    expect(named.get(`${HOST}/atom-cloud/console:7.2.0`)).toBe(console);
    expect(named.get(`${HOST}/atom-cloud/worker:7.2.0`)).toBe(worker);
    expect(named.has(`${HOST}/atom-cloud/api:${cosignTag(api!)}`)).toBe(true);
    // The referrers of the image, and those of its SBOM.
    expect([...named.keys()].filter((name) => /:sha256-[0-9a-f]{64}$/.test(name!))).toHaveLength(2);
    expect(named.size).toBe(6);
  });

  test("has the same bytes each time, whatever order things come in", async () => {
    await save(join(folder, "a.tar"));
    const other = new OciLayout(source.folder);
    other.listReferrers = async (...of) => (await source.listReferrers(...of)).reverse();
    await save(join(folder, "b.tar"), other, { ...plan, images: [...plan.images].reverse() });
    const bytes = readFileSync(join(folder, "a.tar"));
    expect(readFileSync(join(folder, "b.tar")).equals(bytes)).toBe(true);
    const headers = (await entriesOf(join(folder, "a.tar"))).map(({ header }) => header);
    const names = headers.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    for (const { mtime, uid, gid, mode, uname, gname } of headers) {
      expect({ mtime: mtime.getTime(), uid, gid, mode, uname, gname }).toEqual({
        mtime: 0,
        uid: 0,
        gid: 0,
        mode: 0o644,
        uname: "",
        gname: "",
      });
    }
  });

  test("is not written, and what was there stays, when an image or a blob cannot be read", async () => {
    const path = join(folder, "images.tar");
    writeFileSync(path, "before");
    const damaged = new OciLayout(source.folder);
    damaged.getManifest = (repository, reference) =>
      repository.endsWith("worker")
        ? Promise.resolve(undefined)
        : source.getManifest(repository, reference);
    const { bytes, failed } = await save(path, damaged);
    expect({ bytes, failed: failed.map(({ name }) => name) }).toEqual({
      bytes: undefined,
      failed: ["worker"],
    });
    const broken = new OciLayout(source.folder);
    broken.openBlob = async function* () {
      yield await Promise.resolve(Buffer.from("x"));
      throw new Error("the line went dead");
    };
    await expect(save(path, broken)).rejects.toThrow("the line went dead");
    expect(readFileSync(path, "utf8")).toBe("before");
    expect(readdirSync(folder)).toEqual(["images.tar"]);
  });

  test("leaves no file when it is interrupted in the middle of a blob", async () => {
    const interruption = new AbortController();
    const path = join(folder, "images.tar");
    await expect(
      saveArchive(planArchive(plan, "source"), path, {
        sourceOf: () => source,
        clock: systemClock,
        signal: interruption.signal,
        onBytes: () => interruption.abort(new Error("interrupted")),
      }),
    ).rejects.toThrow("interrupted");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("fails for a folder that is not there", async () => {
    await expect(save(join(folder, "no", "images.tar"))).rejects.toThrow(
      /the archive cannot be written \(ENOENT\); name a file in a folder that is there/,
    );
    await expect(openArchive(join(folder, "images.tar"))).rejects.toThrow(
      /images\.tar: cannot be read \(ENOENT\); name what atom mirror save wrote/,
    );
  });

  test("fails for a folder before it reads a blob", async () => {
    let read = 0;
    const reading = saveArchive(planArchive(plan, "source"), folder, {
      sourceOf: () => source,
      clock: systemClock,
      signal: new AbortController().signal,
      onBytes: (bytes) => (read += bytes),
    });
    await expect(reading).rejects.toThrow("cannot be written (EISDIR)");
    expect(read).toBe(0);
  });

  test("fails for one source that is locked with two digests", () => {
    const twice = { ...plan.images[0]!, name: "other", digest: sha256("other") };
    expect(() => planArchive({ ...plan, images: [...plan.images, twice] }, "source")).toThrow(
      /other: 'ghcr\.io:5000\/atom-cloud\/api:7\.2\.0' is sha256:.* for 'api'; lock both anew/,
    );
  });
});

describe("R11 opening an archive", () => {
  let path: string;
  beforeEach(async () => {
    await seed();
    path = join(folder, "damaged.tar");
    await save(path);
  });

  test("fails for a file that was cut off", async () => {
    const whole = readFileSync(path);
    for (const end of [100, 512, 1000, whole.length >> 1, whole.length - 2000]) {
      writeFileSync(path, whole.subarray(0, end));
      await expect(openArchive(path)).rejects.toThrow(/archive/);
    }
  });

  test("fails for any byte of a blob that is another", async () => {
    const tar = readFileSync(path);
    tar[600] = tar[600]! ^ 1;
    writeFileSync(path, tar);
    await expect(openArchive(path)).rejects.toThrow("has the content of");
  });
});

test("an archived registry is only read", async () => {
  await seed();
  const path = join(folder, "images.tar");
  await save(path);
  const registry = (await openArchive(path)).registry(HOST);
  const tags = [];
  for await (const tag of registry.listTags("atom-cloud/worker")) tags.push(tag);
  expect(tags).toEqual(["7.2.0"]);
  const { digest } = plan.images[2]!;
  expect(await registry.headManifest("atom-cloud/worker", "7.2.0")).toBe(digest);
  expect(await registry.headManifest("atom-cloud/worker", "none")).toBeUndefined();
  expect(await registry.getManifest("atom-cloud/worker", sha256("none"))).toBeUndefined();
  await expect(
    buildImage(registry, { repository: "a/b", tag: "1", platform: "linux/amd64", files: {} }),
  ).rejects.toThrow("ghcr.io:5000/a/b lies in an archive");
});
