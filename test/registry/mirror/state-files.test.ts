import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ImageLock } from "../../../lib/registry/mirror/image";
import { readImageLock, writeImageLock } from "../../../lib/registry/mirror/lock-file";
import { readMirrorState, writeMirrorState } from "../../../lib/registry/mirror/state";
import type { MirrorState } from "../../../lib/registry/mirror/state";
import { sha256 } from "../../../lib/support/digest";
import { tempFolder } from "../../doubles/temp-folder";

const shared = {
  name: "api",
  source: "ghcr.io/atom-cloud/api:7.2.0",
  repository: "atom/api",
  digest: sha256("api"),
  platforms: ["linux/amd64"],
  bytes: 100,
};
const lock: ImageLock = { version: 1, images: [{ ...shared, mediaType: "x" }] };
const state: MirrorState = {
  version: 1,
  target: "registry.example:5000",
  images: [
    {
      ...shared,
      upstreamSignatures: { found: 1, carried: 1 },
      signed: true,
      verified: true,
      outcome: "copied",
      at: "2026-01-01T00:00:00.000Z",
    },
  ],
};

test("a lock and a state read back as they were written, same bytes each time", () => {
  const folder = tempFolder();
  const [lockPath, statePath] = [join(folder, "atom.lock.json"), join(folder, "mirror_state.json")];
  writeImageLock(lockPath, lock);
  writeMirrorState(statePath, state);
  expect(readImageLock(lockPath)).toEqual(lock);
  expect(readMirrorState(statePath)).toEqual(state);
  const before = readFileSync(statePath);
  writeMirrorState(statePath, readMirrorState(statePath)!);
  expect(readFileSync(statePath)).toEqual(before);
});

test("a file that is not there reads as nothing", () => {
  expect(readImageLock(join(tempFolder(), "none"))).toBeUndefined();
  expect(readMirrorState(join(tempFolder(), "none"))).toBeUndefined();
});

describe.each([
  ["an image lock", readImageLock, lock],
  ["a mirror state", readMirrorState, state],
] as const)("%s", (_, read, content) => {
  const [image] = content.images;
  test.each([
    ["S3 of a newer version", { ...content, version: 2 }],
    ["S3 with an unknown field", { ...content, more: 1 }],
    ["S3 with an unknown field of an image", { ...content, images: [{ ...image, more: 1 }] }],
    [
      "R5 with an upper-case digest",
      { ...content, images: [{ ...image, digest: shared.digest.toUpperCase() }] },
    ],
    ["with a negative size", { ...content, images: [{ ...image, bytes: -1 }] }],
  ])("fails %s", (_title, value) => {
    const path = join(tempFolder(), "file.json");
    writeFileSync(path, JSON.stringify(value));
    expect(() => read(path)).toThrow(/^Invalid (image lock|mirror state) /);
  });

  test("S3 fails if it is truncated", () => {
    const path = join(tempFolder(), "file.json");
    writeFileSync(path, JSON.stringify(content).slice(0, -5));
    expect(() => read(path)).toThrow(/^Invalid (image lock|mirror state) /);
  });
});
