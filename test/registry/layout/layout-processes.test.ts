import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { mapBounded } from "../../../lib/support/map-bounded";
import { sha256 } from "../../../lib/support/digest";
import { tempFolder } from "../../doubles/temp-folder";
import { blobOf, filesBelow } from "../helpers";
import { FATAL_FILES } from "./layout-writer/fatal-files";
import { writeImages } from "./layout-writer/main";

let program: { readonly writer: string; readonly fatal: string };

beforeAll(() => {
  // Not by tempFolder, which lasts for one test.
  const folder = resolve("node_modules/.cache/layout-writer");
  mkdirSync(folder, { recursive: true });
  program = { writer: join(folder, "writer.js"), fatal: join(folder, "fatal.js") };
  buildSync({
    entryPoints: [join(__dirname, "layout-writer/main.ts")],
    outfile: program.writer,
    bundle: true,
    platform: "node",
    format: "cjs",
  });
  writeFileSync(program.fatal, FATAL_FILES);
});

/** Runs a writer. @param cut file operations until it is killed. @returns how it ended. */
async function write(folder: string, name: string, count: number, cut?: number) {
  const preload = cut === undefined ? [] : ["--require", program.fatal];
  const child = spawn(process.execPath, [...preload, program.writer, folder, name, String(count)], {
    env: { ...process.env, CUT: String(cut) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0 && signal !== "SIGKILL") throw new Error(told);
  return signal === "SIGKILL" ? "killed" : "whole";
}

/** Blobs whose bytes are not their name's. */
function wrongBlobs(folder: string): string[] {
  return filesBelow(folder)
    .filter((path) => path.startsWith("blobs/"))
    .filter((path) => `blobs/sha256/${sha256(readFileSync(join(folder, path))).slice(7)}` !== path);
}

async function written(folder: string, name: string, count: number) {
  await writeImages(new OciLayout(folder), name, count);
  // A lock's own temporary file is a few bytes, and cannot be told from one in use.
  const files = filesBelow(folder).filter((path) => !/^\.index\.lock\..*\.tmp$/.test(path));
  return { files, index: readFileSync(join(folder, "index.json"), "utf8") };
}

test("R8 a writer killed at any file operation leaves no blob under a wrong name, and the next one completes it", async () => {
  const expected = await written(join(tempFolder(), "layout"), "one", 1);
  const root = tempFolder();
  /** Kills a writer at one operation, and has another one complete what it left. */
  const interrupted = async (cut: number) => {
    const folder = join(root, String(cut));
    mkdirSync(folder);
    const ending = await write(folder, "one", 1, cut);
    const left = wrongBlobs(folder);
    return { ending, left, completed: await written(folder, "one", 1) };
  };
  const seen: Awaited<ReturnType<typeof interrupted>>[] = [];
  // Some at a time, as long as they are killed.
  while (seen.every(({ ending }) => ending === "killed") && seen.length < 500) {
    const cuts = Array.from({ length: 10 }, (_, index) => seen.length + index);
    seen.push(...(await mapBounded(cuts, 2, interrupted)));
  }
  const killed = seen.filter(({ ending }) => ending === "killed");
  expect(killed.length).toBeGreaterThan(40);
  expect(seen.length - killed.length).toBeGreaterThan(0);
  for (const { left, completed } of seen) {
    expect({ left, completed }).toEqual({ left: [], completed: expected });
  }
}, 120_000);

describe("R10 several processes that write into one folder", () => {
  test("lose none of each other's tags and referrers", async () => {
    const folder = join(tempFolder(), "layout");
    const names = ["one", "two", "three"];
    const endings = await Promise.all(names.map((name) => write(folder, name, 8)));
    expect(endings).toEqual(["whole", "whole", "whole"]);
    const together = filesBelow(join(folder, "blobs"));
    const index = readFileSync(join(folder, "index.json"), "utf8");
    const layout = new OciLayout(folder);
    for (const name of names) {
      const tags: string[] = [];
      for await (const tag of layout.listTags(`a/${name}`)) tags.push(tag);
      expect(tags).toEqual(Array.from({ length: 8 }, (_, number) => String(number)));
    }
    const shared = (await layout.headManifest("a/shared", "1"))!;
    expect(await layout.listReferrers("a/shared", shared)).toHaveLength(24);
    // Written one after the other, nothing changes.
    for (const name of names) await writeImages(layout, name, 8);
    expect(filesBelow(join(folder, "blobs"))).toEqual(together);
    expect(readFileSync(join(folder, "index.json"), "utf8")).toBe(index);
    expect(readdirSync(join(folder, ".incoming"))).toEqual([]);
    expect(wrongBlobs(folder)).toEqual([]);
  });

  test("go on if one of them is killed while it has the lock", async () => {
    const folder = join(tempFolder(), "layout");
    await write(folder, "one", 1);
    const cut = await lockedCut(folder);
    const [ending, other] = await Promise.all([
      write(folder, "one", 8, cut),
      write(folder, "two", 8),
    ]);
    expect([ending, other]).toEqual(["killed", "whole"]);
    const layout = new OciLayout(folder);
    expect(await layout.headManifest("a/two", "7")).toBeDefined();
    expect(wrongBlobs(folder)).toEqual([]);
  });
});

/** After how many file operations a writer is killed that leaves its lock behind. */
async function lockedCut(folder: string): Promise<number> {
  for (let cut = 12; cut < 60; cut += 1) {
    await write(folder, "one", 1, cut);
    if (filesBelow(folder).includes(".index.lock")) return cut;
  }
  throw new Error("no writer left a lock");
}

describe("R8 what a killed writer left in .incoming", () => {
  const hash = "a".repeat(64);

  async function afterAWrite(name: string, age = 0): Promise<string[]> {
    const folder = join(tempFolder(), "layout");
    const incoming = join(folder, ".incoming");
    mkdirSync(incoming, { recursive: true });
    writeFileSync(join(incoming, name), "rest");
    const then = new Date(Date.now() - age);
    utimesSync(join(incoming, name), then, then);
    const blob = blobOf("layer");
    await new OciLayout(folder).putBlob("a", blob, blob.open);
    return readdirSync(incoming);
  }

  test.each([
    ["of a process that is gone", `2147483646.1.${hash}@${hostname()}`, 0, false],
    ["of this process' predecessor", `${process.pid}.999.${hash}@${hostname()}`, 0, false],
    ["of a process that runs", `${process.ppid}.1.${hash}@${hostname()}`, 7_200_000, true],
    ["of another host", `2147483646.1.${hash}@elsewhere`, 0, true],
    ["of another host, two hours ago", `2147483646.1.${hash}@elsewhere`, 7_200_000, false],
    ["of nobody, two hours ago", "something", 7_200_000, false],
  ])("%s", async (_, name, age, stays) => {
    expect(await afterAWrite(name, age)).toEqual(stays ? [name] : []);
  });
});
