import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFileExclusive } from "../../lib/support/exclusive-file";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "atom-exclusive-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("the first creation wins, and nothing but the file is left", () => {
  const path = join(folder, "deep", "a.json");
  expect([1, 2, 3].map((n) => createFileExclusive(path, `${n}`))).toEqual([true, false, false]);
  expect(readFileSync(path, "utf8")).toBe("1");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, "deep"))).toEqual(["a.json"]);
});

test("S1 what a crash left behind under a temporary name does not count", () => {
  const path = join(folder, "b.json");
  writeFileSync(`${path}.${process.pid}.1.tmp`, "half");
  expect(createFileExclusive(path, "whole")).toBe(true);
  expect(readFileSync(path, "utf8")).toBe("whole");
});

test("fails where the folder cannot be made", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => createFileExclusive(join(folder, "file", "x"), "")).toThrow();
});
