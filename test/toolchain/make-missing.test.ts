import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { partFolder } from "../engine/toolchain/cache";
import type { FillPart } from "../engine/toolchain/fill-part";
import { locateParts } from "../engine/toolchain/locate";
import { makeMissing } from "../engine/toolchain/make-missing";
import { partLog } from "../engine/toolchain/make-part";
import type { Part } from "../engine/toolchain/part";
import { toolchainRows, toolchainTable } from "../engine/toolchain/toolchain-table";
import { fillSample, SAMPLE_PART } from "./sample-part";

let cache: string;
beforeEach(() => {
  cache = join(tempFolder(), "cache");
});

function part(name: string, source: Part["source"] = SAMPLE_PART.source): Part {
  return { ...SAMPLE_PART, name, tools: [{ name }], source };
}

async function makeAll(parts: readonly Part[], fill: FillPart, controller = new AbortController()) {
  const lines: string[] = [];
  const states = await locateParts(parts, cache, { PATH: "" });
  const report = (text: string) => void lines.push(text.replaceAll(/\d+\.\d s$/gm, "# s"));
  const ends = makeMissing(states, { cache, fill, report, signal: controller.signal });
  return { states, ends, lines };
}

test("what Go compiles is made one after another, and downloads go on beside it", async () => {
  const npm = { kind: "node runtime", pins: "npm/node22" } as const;
  const parts = [part("first"), part("second"), part("third", npm), part("fourth", npm)];
  const running = new Set<string>();
  const together = new Set<string>();
  const fill: FillPart = async (made, folder, context) => {
    running.add(made.name);
    together.add([...running].sort().join("+"));
    await sleep(50);
    running.delete(made.name);
    await fillSample(made, folder, context);
  };
  const { ends } = await makeAll(parts, fill);
  expect([...(await ends).values()].map(({ outcome }) => outcome)).toEqual(
    Array.from({ length: 4 }, () => "built"),
  );
  expect(together).toContain("first+third");
  expect([...together].some((names) => names.includes("first+second"))).toBe(false);
  expect([...together].some((names) => names.includes("fourth+third"))).toBe(false);
});

test("a part that fails shows the end of its log and does not stop the others", async () => {
  const parts = [part("broken"), part("whole")];
  const fill: FillPart = async (made, folder, context) => {
    if (made.name === "whole") return fillSample(made, folder, context);
    for (let line = 1; line <= 20; line += 1) appendFileSync(context.log, `line ${line}\n`);
    throw new Error("'go build' ended with 1");
  };
  const { states, ends, lines } = await makeAll(parts, fill);
  const shown = Array.from({ length: 15 }, (_, index) => `    line ${index + 6}`).join("\n");
  await ends;
  expect(lines).toEqual([
    "broken 1.2.3: starts",
    `broken 1.2.3: failed: 'go build' ended with 1\n${shown}\n  all of it: ${partLog(cache, parts[0]!)}`,
    "whole 1.2.3: starts",
    "whole 1.2.3: built in # s",
  ]);

  const rows = toolchainRows(states, await ends).map((row) => ({ ...row, seconds: 0 }));
  const path = (name: string) => join(partFolder(cache, part(name)), "bin", name);
  const common = { version: "1.2.3", seconds: 0 };
  expect(rows).toEqual([
    { ...common, tool: "broken", part: "broken", from: "failed", path: path("broken") },
    { ...common, tool: "whole", part: "whole", from: "built", path: path("whole") },
  ]);
  expect(toolchainTable(rows)).toBe(
    [
      "tool    version  from    seconds",
      "broken  1.2.3    failed  0.0",
      "whole   1.2.3    built   0.0",
    ].join("\n"),
  );
});

test("an interruption ends the run, and nothing more is started", async () => {
  const controller = new AbortController();
  const fill: FillPart = async (_, __, { signal }) => {
    controller.abort();
    signal.throwIfAborted();
    return Promise.resolve();
  };
  const { ends, lines } = await makeAll([part("first"), part("second")], fill, controller);
  await expect(ends).rejects.toThrow(/abort/);
  expect(lines).toEqual(["first 1.2.3: starts"]);
});
