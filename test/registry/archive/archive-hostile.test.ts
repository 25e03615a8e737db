import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack } from "tar-stream";
import type { Header } from "tar-stream";
import { beforeEach, describe, expect, test } from "vitest";
import { openArchive } from "../../../lib/registry/archive/archive";
import { OCI_MANIFEST } from "../../../lib/registry/media-types";
import { collect } from "../../../lib/registry/verified-stream";
import { sha256 } from "../../../lib/support/digest";
import { tempFolder } from "../../doubles/temp-folder";
import { blobOf } from "../helpers";

let folder: string;
let path: string;

beforeEach(() => {
  folder = tempFolder();
  path = join(folder, "hostile.tar");
});

type Part = [Partial<Header> & { name: string }, (string | Buffer | undefined)?];

/** Writes a tar file of what a test wants in it. */
async function tarOf(path: string, ...parts: Part[]): Promise<void> {
  const tar = pack();
  for (const [header, content] of parts) tar.entry(header, content ?? "");
  tar.finalize();
  writeFileSync(path, await collect(tar as AsyncIterable<Uint8Array>, 1 << 25, "tar"));
}

const MARKER: Part = [{ name: "oci-layout" }, '{"imageLayoutVersion":"1.0.0"}'];
const INDEX: Part = [{ name: "index.json" }, '{"schemaVersion":2,"manifests":[]}'];
const blobPart = (content: string): Part => [
  { name: `blobs/sha256/${sha256(content).slice(7)}` },
  content,
];

describe("R11 opening an archive that was made to do harm", () => {
  const HASH = "a".repeat(64);
  test.each<[string, Part, string]>([
    ["a name that climbs", [{ name: "../../etc/passwd" }, "x"], "is no file of an image layout"],
    ["a blob that climbs", [{ name: `blobs/sha256/../../${HASH}` }, "x"], "is no file"],
    ["an absolute path", [{ name: "/etc/passwd" }, "x"], "is no file of an image layout"],
    ["an absolute blob", [{ name: `/blobs/sha256/${HASH}` }, "x"], "is no file"],
    [
      "a path in a PAX header",
      [{ name: "index.json", pax: { path: "/x" } }, "x"],
      '"/x" is no file',
    ],
    [
      "a symbolic link",
      [{ name: "index.json", type: "symlink", linkname: "/etc/shadow" }],
      "symlink",
    ],
    ["a hard link", [{ name: "index.json", type: "link", linkname: "oci-layout" }], "is a link"],
    ["a device", [{ name: "index.json", type: "character-device" }], "is a character-device"],
    ["a block device", [{ name: "oci-layout", type: "block-device" }], "is a block-device"],
    ["a fifo", [{ name: "oci-layout", type: "fifo" }], "is a fifo"],
    [
      "a foreign folder",
      [{ name: "../up/", type: "directory" }],
      "is no folder of an image layout",
    ],
    ["a whiteout", [{ name: "blobs/sha256/.wh.x" }, "x"], "is no file of an image layout"],
    ["a file that is no blob", [{ name: "blobs/sha256/README" }, "x"], "is no file"],
    ["an upper-case digest", [{ name: `blobs/sha256/${"A".repeat(64)}` }, "x"], "is no file"],
    ["another algorithm", [{ name: `blobs/sha512/${HASH}` }, "x"], "is no file"],
    [
      "a sparse file",
      [{ name: "index.json", pax: { "GNU.sparse.major": "1" } }, "x"],
      "sparse file",
    ],
    ["a blob of another content", [{ name: `blobs/sha256/${HASH}` }, "x"], "has the content of"],
    ["an entry that stands twice", INDEX, '"index.json" stands twice'],
    ["./ before one that is there", [{ name: "./index.json" }, "x"], '"index.json" stands twice'],
  ])("fails for %s", async (_, part, message) => {
    await tarOf(path, MARKER, INDEX, blobPart("good"), part);
    await expect(openArchive(path)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual(["hostile.tar"]);
  });

  test("fails for an entry that claims more than there is, before it reads it", async () => {
    await tarOf(path, MARKER, INDEX, blobPart("good"));
    const tar = readFileSync(path);
    // The size field of the last header, 8 GiB less one, and its checksum.
    const header = tar.subarray(2048, 2560);
    header.write("77777777777\0", 124);
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    writeFileSync(path, tar);
    await expect(openArchive(path)).rejects.toThrow(/claims 8589934591 bytes, more than there are/);
  });

  test("fails for an index that would fill the memory", async () => {
    await tarOf(path, MARKER, [{ name: "index.json" }, Buffer.alloc((1 << 24) + 1, " ")]);
    await expect(openArchive(path)).rejects.toThrow("index.json of the archive is above 16777216");
  });

  test.each<[string, Part[], string]>([
    ["a tar of something else", [[{ name: "etc/passwd" }, "x"]], "is no file of an image layout"],
    ["no marker", [INDEX], "has no oci-layout"],
    ["no index", [MARKER], "has no index.json"],
    [
      "another version",
      [[{ name: "oci-layout" }, '{"imageLayoutVersion":"2"}'], INDEX],
      "not under",
    ],
    ["an index that is none", [MARKER, [{ name: "index.json" }, "[]"]], "not understood"],
  ])("fails for %s", async (_, parts, message) => {
    await tarOf(path, ...parts);
    await expect(openArchive(path)).rejects.toThrow(message);
  });

  test("fails for a name that stands for two manifests", async () => {
    const { digest, size } = blobOf("x");
    const annotations = { "org.opencontainers.image.ref.name": "ghcr.io/a/b:1" };
    const entry = { mediaType: OCI_MANIFEST, digest, size, annotations };
    const index = JSON.stringify({ schemaVersion: 2, manifests: [entry, entry] });
    await tarOf(path, MARKER, [{ name: "index.json" }, index]);
    await expect(openArchive(path)).rejects.toThrow('has "ghcr.io/a/b:1" twice');
  });

  test("fails for a compressed file, and says how to unpack it", async () => {
    writeFileSync(path, Buffer.from("1f8b0800000000", "hex"));
    await expect(openArchive(path)).rejects.toThrow("unpack it with gunzip");
  });

  test("takes a tar of the unpacked folder, folders and ./ included", async () => {
    await tarOf(
      path,
      [{ name: "./", type: "directory" }],
      [{ name: "./blobs/", type: "directory" }],
      [{ name: "./blobs/sha256/", type: "directory" }],
      [{ name: `./${blobPart("x")[0].name}` }, "x"],
      [{ name: "./index.json" }, INDEX[1]],
      [{ name: "./oci-layout" }, MARKER[1]],
    );
    expect((await openArchive(path)).names).toEqual(new Map());
  });

  test("reads nothing outside of a folder, whatever its index says", async () => {
    mkdirSync(join(folder, "blobs", "sha256"), { recursive: true });
    writeFileSync(join(folder, "oci-layout"), MARKER[1] as string);
    writeFileSync(join(folder, "index.json"), INDEX[1] as string);
    symlinkSync("/etc/hostname", join(folder, "blobs", "sha256", HASH));
    await expect(openArchive(folder)).rejects.toThrow("has the content of");
  });
});
