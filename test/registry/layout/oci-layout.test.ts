import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { buildImage } from "../../../lib/registry/image-builder";
import { OCI_INDEX, OCI_MANIFEST } from "../../../lib/registry/media-types";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { bytesSource, drain } from "../../../lib/registry/verified-stream";
import { sha256 } from "../../../lib/support/digest";
import { tempFolder } from "../../doubles/temp-folder";
import { blobOf, filesBelow, seedImages } from "../helpers";

let folder: string;
let layout: OciLayout;

beforeEach(() => {
  folder = join(tempFolder(), "layout");
  layout = new OciLayout(folder);
});

function blobPath(digest: string): string {
  return join(folder, "blobs", "sha256", digest.slice(7));
}

function blobNames(): string[] {
  return filesBelow(join(folder, "blobs")).map((path) => path.replace("sha256/", ""));
}

describe("OciLayout", () => {
  test("is an OCI layout: marker, index and blobs named by their hash", async () => {
    await seedImages(layout, "api");
    const { manifests } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as {
      manifests: { digest: string; size: number }[];
    };
    const [entry] = manifests;
    expect(JSON.parse(readFileSync(join(folder, "oci-layout"), "utf8"))).toEqual({
      imageLayoutVersion: "1.0.0",
    });
    expect(manifests).toEqual([
      {
        mediaType: OCI_MANIFEST,
        digest: entry?.digest,
        size: entry?.size,
        annotations: { "org.opencontainers.image.ref.name": "atom-cloud/api:7.2.0" },
      },
    ]);
    for (const name of blobNames()) {
      expect(sha256(readFileSync(blobPath(`sha256:${name}`)))).toBe(`sha256:${name}`);
    }
  });

  test("has the same bytes whatever order images come in", async () => {
    const other = new OciLayout(join(tempFolder(), "other"));
    await seedImages(layout, "api", "worker");
    await seedImages(other, "worker", "api");
    expect(filesBelow(folder)).toEqual(filesBelow(other.folder));
    expect(readFileSync(join(folder, "index.json"))).toEqual(
      readFileSync(join(other.folder, "index.json")),
    );
  });

  test("keeps tags of repositories apart, and every tag of concurrent writers", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `app-${index}`);
    await Promise.all(names.map((name) => seedImages(layout, name)));
    for (const name of names) {
      expect(await layout.headManifest(`atom-cloud/${name}`, "7.2.0")).toMatch(/^sha256:/);
      expect(await layout.headManifest(name, "7.2.0")).toBeUndefined();
    }
  });

  test("reads as empty before it is written", async () => {
    expect(await layout.getManifest("a", "latest")).toBeUndefined();
    expect(await layout.hasBlob("a", blobOf("x"))).toBe(false);
    expect(await layout.listReferrers("a", sha256("x"))).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  test("lists referrers of a manifest that has a subject", async () => {
    const image = await buildImage(layout, {
      repository: "a/b",
      tag: "1",
      platform: "linux/amd64",
      files: {},
    });
    const { mediaType, digest, size } = image;
    const sbom = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        artifactType: "application/spdx+json",
        manifests: [],
        subject: { mediaType, digest, size },
      }),
    );
    await layout.putManifest("a/b", sha256(sbom), OCI_INDEX, sbom);
    await layout.putManifest("a/b", sha256(sbom), OCI_INDEX, sbom);
    expect(await layout.listReferrers("a/b", digest)).toEqual([
      {
        mediaType: OCI_INDEX,
        digest: sha256(sbom),
        size: sbom.length,
        artifactType: "application/spdx+json",
      },
    ]);
  });

  test("R4 fails for a blob whose bytes are not its digest's, and stores nothing", async () => {
    const blob = blobOf("right");
    await expect(
      layout.putBlob("a", blob, bytesSource(Buffer.from("wrong"))),
    ).rejects.toMatchObject({ failure: "corrupt" });
    expect(filesBelow(folder)).toEqual([]);
  });

  test.each([
    ["fewer", "righ"],
    ["more", "right!"],
  ])("R6 fails for a blob with %s bytes than announced, and stores nothing", async (_, content) => {
    const blob = blobOf("right");
    await expect(
      layout.putBlob("a", blob, bytesSource(Buffer.from(content))),
    ).rejects.toMatchObject({ failure: "corrupt" });
    expect(filesBelow(folder)).toEqual([]);
  });

  test("R4 fails for a manifest under a digest that is not its own", async () => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [] }));
    await expect(layout.putManifest("a", sha256("other"), OCI_INDEX, bytes)).rejects.toMatchObject({
      failure: "corrupt",
    });
  });

  test.each(["sha512:abc", `sha256:${"A".repeat(64)}`, "../../x", "a b", ""])(
    "R5 fails for the reference %j",
    async (reference) => {
      await expect(layout.getManifest("a", reference)).rejects.toMatchObject({
        failure: "refused",
      });
    },
  );

  test.each(["../x", "..", "/etc", "a\\b", "A", "a\n"])(
    "fails for the repository %j",
    async (repository) => {
      await expect(layout.getManifest(repository, "latest")).rejects.toMatchObject({
        failure: "refused",
      });
    },
  );

  test("R8 a source that breaks off leaves no blob and no rest", async () => {
    const blob = blobOf("abcdef");
    const broken = async function* () {
      yield await Promise.resolve(Buffer.from("abc"));
      throw new Error("connection lost");
    };
    await expect(layout.putBlob("a", blob, broken)).rejects.toThrow("connection lost");
    expect(filesBelow(folder)).toEqual([]);
  });

  test("R8 bytes that are still coming in are not under a blob's name", async () => {
    const blob = blobOf("abcdef");
    const during: string[][] = [];
    const slow = async function* () {
      yield await Promise.resolve(Buffer.from("abc"));
      during.push(filesBelow(folder));
      yield Buffer.from("def");
    };
    await layout.putBlob("a", blob, slow);
    expect(during[0]?.some((path) => path.startsWith("blobs"))).toBe(false);
    expect(blobNames()).toEqual([blob.digest.slice(7)]);
    expect(readdirSync(join(folder, ".incoming"))).toEqual([]);
  });

  test("R12 a damaged blob is found when it is read, counts as absent, and is replaced", async () => {
    const blob = blobOf("sound");
    await layout.putBlob("a", blob, blob.open);
    writeFileSync(blobPath(blob.digest), "wrong");
    await expect(drain(layout.openBlob("a", blob))).rejects.toMatchObject({ failure: "corrupt" });
    expect(await layout.hasBlob("a", blob)).toBe(false);
    await layout.putBlob("a", blob, blob.open);
    expect(await layout.hasBlob("a", blob)).toBe(true);
  });

  test("R12 a damaged manifest is found when it is read, and counts as absent", async () => {
    await seedImages(layout, "api");
    const digest = await layout.headManifest("atom-cloud/api", "7.2.0");
    const path = blobPath(digest ?? "");
    writeFileSync(path, readFileSync(path, "utf8").replace("amd64", "arm64").replace("2", "3"));
    await expect(layout.getManifest("atom-cloud/api", "7.2.0")).rejects.toMatchObject({
      failure: "corrupt",
    });
    expect(await layout.headManifest("atom-cloud/api", "7.2.0")).toBeUndefined();
  });

  test("R12 a link in a blob's place gives nothing that the digest does not allow", async () => {
    const blob = blobOf("sound");
    await layout.putBlob("a", blob, blob.open);
    const secret = join(tempFolder(), "secret");
    writeFileSync(secret, "other");
    const linked = blobOf("linked");
    symlinkSync(secret, blobPath(linked.digest));
    await expect(drain(layout.openBlob("a", linked))).rejects.toMatchObject({ failure: "corrupt" });
  });

  test.each([
    ["another version", "oci-layout", '{"imageLayoutVersion":"2.0.0"}'],
    ["a truncated index", "index.json", '{"schemaVersion":2,"manif'],
  ])("fails for %s, and says what to do", async (_, file, content) => {
    await seedImages(layout, "api");
    writeFileSync(join(folder, file), content);
    await expect(layout.getManifest("atom-cloud/api", "7.2.0")).rejects.toThrow(
      /is not understood; move the folder away and mirror again$/,
    );
  });
});
