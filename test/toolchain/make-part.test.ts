import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { UsageError } from "../../lib/support/problem";
import { tempFolder } from "../doubles/temp-folder";
import { isMade, partFolder } from "../engine/toolchain/cache";
import type { FillPart } from "../engine/toolchain/fill-part";
import type { MakePartOptions } from "../engine/toolchain/make-part";
import { makePart, partLog } from "../engine/toolchain/make-part";
import type { Part } from "../engine/toolchain/part";
import { fillSample, SAMPLE_PART, writeProgram } from "./sample-part";

let cache: string;
let folder: string;
beforeEach(() => {
  cache = join(tempFolder(), "cache");
  folder = partFolder(cache, SAMPLE_PART);
});

function make(fill: FillPart, more: Partial<MakePartOptions> = {}): Promise<"made" | "found"> {
  return makePart(SAMPLE_PART, { cache, signal: new AbortController().signal, fill, ...more });
}

/** Everything in the cache but the logs: nothing may stay there except whole parts. */
function contents(): string[] {
  return readdirSync(cache).filter((name) => name !== "logs");
}

test("a part is made aside and appears whole", async () => {
  const seen: boolean[] = [];
  const outcome = await make(async (part, staging, context) => {
    await fillSample(part, staging, context);
    seen.push(isMade(folder, part), existsSync(folder));
  });
  expect(outcome).toBe("made");
  expect(seen).toEqual([false, false]);
  expect(contents().map((name) => join(cache, name))).toEqual([folder]);
  expect(isMade(folder, SAMPLE_PART)).toBe(true);
});

test("a part that is there is not made again", async () => {
  await make(fillSample);
  expect(await make(() => Promise.reject(new Error("made again")))).toBe("found");
});

test("a part that no longer works is replaced as a whole", async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "leftover"), "");
  expect(await make(fillSample)).toBe("made");
  expect(readdirSync(folder)).toEqual(["bin"]);
});

test("fails without a trace but its log when the part cannot be made", async () => {
  const failing: FillPart = async (part, staging, context) => {
    await fillSample(part, staging, context);
    writeFileSync(context.log, "what went wrong\n");
    throw new Error("no room");
  };
  await expect(make(failing)).rejects.toThrow("no room");
  expect(contents()).toEqual([]);
  expect(readFileSync(partLog(cache, SAMPLE_PART), "utf8")).toBe("what went wrong\n");
});

test("fails with the maker's own mistake instead of waiting for it to pass", async () => {
  const mistake = new UsageError("sample", [{ path: "", message: "cannot be made" }]);
  await expect(make(() => Promise.reject(mistake))).rejects.toBe(mistake);
});

test("fails when a program tells another version than the pinned one", async () => {
  const other: FillPart = (_, staging) => {
    writeProgram(join(staging, "bin", "sample"), "sample v1.2.4");
    return Promise.resolve();
  };
  await expect(make(other)).rejects.toThrow(
    "'sample' tells version 1.2.4 after it was made; pinned is 1.2.3",
  );
  expect(contents()).toEqual([]);
});

test("fails when a program is not there after all", async () => {
  const silent: Part = { ...SAMPLE_PART, tools: [{ name: "sample" }] };
  const signal = new AbortController().signal;
  const fill = () => Promise.resolve();
  await expect(makePart(silent, { cache, signal, fill })).rejects.toThrow("something is missing");
  expect(contents()).toEqual([]);
});

test("an interrupted part leaves nothing, also when it could have been finished", async () => {
  const controller = new AbortController();
  const fill: FillPart = async (part, staging, context) => {
    await fillSample(part, staging, context);
    controller.abort();
  };
  await expect(make(fill, { signal: controller.signal })).rejects.toThrow(/abort/);
  expect(contents()).toEqual([]);
});

test("a run that is killed leaves nothing that looks whole, and the next one starts over", async () => {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(__dirname, "hang-while-making.ts"), cache],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  expect(String(said)).toBe("half\n");
  child.kill("SIGKILL");
  await once(child, "close");
  expect(existsSync(folder)).toBe(false);
  expect(contents().filter((name) => name.endsWith(".staging"))).toHaveLength(1);

  expect(await make(fillSample)).toBe("made");
  expect(readdirSync(folder)).toEqual(["bin"]);
  expect(contents().map((name) => join(cache, name))).toEqual([folder]);
});

test("of two runs at once one makes the part, and the other waits and finds it", async () => {
  const events: string[] = [];
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const fill: FillPart = async (part, staging, context) => {
    events.push("starts");
    await finished;
    await fillSample(part, staging, context);
    events.push("ends");
  };
  const onWait = (reason: string) => {
    events.push(reason.replace(/process .*/, "…"));
    finish();
  };
  const outcomes = await Promise.all([make(fill, { onWait }), make(fill, { onWait })]);
  expect(outcomes.sort()).toEqual(["found", "made"]);
  expect(events).toEqual(["starts", "another run is under way: …", "ends"]);
});

test("waiting for another run can be interrupted", async () => {
  const controller = new AbortController();
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const first = make(async (...call) => {
    await finished;
    return fillSample(...call);
  });
  const second = make(fillSample, {
    signal: controller.signal,
    onWait: () => controller.abort(),
  });
  await expect(second).rejects.toThrow(/abort/);
  finish();
  expect(await first).toBe("made");
});

test("scripts that name their folder work where it ends up", async () => {
  const part: Part = { ...SAMPLE_PART, source: { kind: "python packages", pins: "python/bao" } };
  const signal = new AbortController().signal;
  const binary = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x00, 0xff, 0xfe]);
  await makePart(part, {
    cache,
    signal,
    fill: (_, staging) => {
      const bin = join(staging, "bin");
      writeProgram(join(bin, "python"), "");
      // Whoever starts it gets the version only if its own path is right.
      writeProgram(join(bin, "sample"), "");
      writeFileSync(
        join(bin, "sample"),
        `#!/bin/sh\n[ "$0" = "${bin}/sample" ] && echo sample v1.2.3\n`,
      );
      writeFileSync(join(bin, "binary"), Buffer.concat([binary, Buffer.from(staging)]));
      return Promise.resolve();
    },
  });
  const bin = join(partFolder(cache, part), "bin");
  expect(readFileSync(join(bin, "sample"), "utf8")).toBe(
    `#!/bin/sh\n[ "$0" = "${bin}/sample" ] && echo sample v1.2.3\n`,
  );
  expect(readFileSync(join(bin, "binary")).subarray(0, binary.length)).toEqual(binary);
  expect(readFileSync(join(bin, "binary"), "latin1")).toContain(".staging");
});
