import {
  chmodSync,
  cpSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  appendFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { cacheFolder, isMade, partFolder, partKey, pinsFolder } from "../engine/toolchain/cache";
import type { Part } from "../engine/toolchain/part";
import { SAMPLE_PART, writeProgram } from "./sample-part";

test("the cache is below XDG_CACHE_HOME, or below ~/.cache if that is not set or relative", () => {
  const own = join(homedir(), ".cache", "atom-selfhost", "toolchain");
  expect(cacheFolder({ XDG_CACHE_HOME: "/caches" })).toBe("/caches/atom-selfhost/toolchain");
  expect(cacheFolder({})).toBe(own);
  expect(cacheFolder({ XDG_CACHE_HOME: "" })).toBe(own);
  expect(cacheFolder({ XDG_CACHE_HOME: "caches" })).toBe(own);
});

test("a part's folder has its name, version and key", () => {
  const key = partKey(SAMPLE_PART, pinsFolder(SAMPLE_PART));
  expect(key).toMatch(/^[0-9a-f]{12}$/);
  expect(partFolder("/cache", SAMPLE_PART)).toBe(`/cache/sample-1.2.3-${key}`);
});

test("the key changes with every file that pins the part, with its version and with its flags", () => {
  const pins = join(tempFolder(), "pins");
  cpSync(pinsFolder(SAMPLE_PART), pins, { recursive: true });
  const keys = [partKey(SAMPLE_PART, pins)];
  expect(partKey(SAMPLE_PART, pins)).toBe(keys[0]);

  for (const file of ["go.mod", "go.sum", "main.go"]) {
    appendFileSync(join(pins, file), "\n");
    keys.push(partKey(SAMPLE_PART, pins));
  }
  writeFileSync(join(pins, "more.go"), "package main\n");
  keys.push(partKey(SAMPLE_PART, pins));
  keys.push(partKey({ ...SAMPLE_PART, version: "1.2.4" }, pins));
  const stamps = { "main.version": "v1.2.3" };
  const source = { ...SAMPLE_PART.source, stamps } as Part["source"];
  keys.push(partKey({ ...SAMPLE_PART, source }, pins));

  expect(new Set(keys).size).toBe(7);
});

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

test("a part of programs is made once each of them can be run", () => {
  const two = { ...SAMPLE_PART, tools: [...SAMPLE_PART.tools, { name: "other" }] };
  expect(isMade(folder, two)).toBe(false);
  writeProgram(join(folder, "bin", "sample"), "");
  expect(isMade(folder, two)).toBe(false);
  mkdirSync(join(folder, "bin", "other"));
  expect(isMade(folder, two)).toBe(false);
  rmSync(join(folder, "bin", "other"), { recursive: true });
  writeProgram(join(folder, "bin", "other"), "");
  expect(isMade(folder, two)).toBe(true);
  chmodSync(join(folder, "bin", "other"), 0o644);
  expect(isMade(folder, two)).toBe(false);
});

test("a part of Python packages is not made any more when its interpreter is gone", () => {
  const part: Part = { ...SAMPLE_PART, source: { kind: "python packages", pins: "python/bao" } };
  writeProgram(join(folder, "bin", "sample"), "");
  writeProgram(join(folder, "python3.11"), "");
  symlinkSync("../python3.11", join(folder, "bin", "python"));
  expect(isMade(folder, part)).toBe(true);
  rmSync(join(folder, "python3.11"));
  expect(isMade(folder, part)).toBe(false);
});

test.each([
  { kind: "go files", pins: "go/kwok", module: "", from: "" },
  { kind: "python files", pins: "python/kubernetes-schemas", from: "" },
] as const)("a part of $kind is made once it has each of them", (kind) => {
  const source = { ...kind, files: { "a.yaml": "b/c.yaml", "d/e.yaml": "f.yaml" } };
  const part: Part = { ...SAMPLE_PART, tools: [], source };
  mkdirSync(join(folder, "share", "d"), { recursive: true });
  writeFileSync(join(folder, "share", "a.yaml"), "");
  expect(isMade(folder, part)).toBe(false);
  writeFileSync(join(folder, "share", "d", "e.yaml"), "");
  expect(isMade(folder, part)).toBe(true);
});
