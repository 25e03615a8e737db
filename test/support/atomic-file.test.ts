import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { writeFileAtomic, writeJsonAtomic } from "../../lib/support/atomic-file";
import { childEnvironment, compileSupport } from "./compiled-support";

/**
 * Loaded into the child before anything else: lets the first `cut` file operations through, and at
 * the next one kills the process or fails with ENOSPC. A write that is cut is torn: its first
 * `torn` bytes are in the file.
 */
const FAULTY_FS = `
const fs = require("node:fs");
const { CUT, TORN, FAULT } = process.env;
let left = Number(CUT);
for (const name of ["mkdirSync", "openSync", "writeSync", "fsyncSync", "closeSync", "renameSync"]) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (left-- !== 0) return original(...args);
    if (name === "writeSync") original(args[0], args[1].subarray(0, Number(TORN)));
    if (FAULT === "kill") process.kill(process.pid, "SIGKILL");
    throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  };
}
`;
const OLD = '{"generation":"old"}\n';
const NEW = '{"generation":"new, and longer than the old one"}\n';

let folder: string;
let state: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "atom-atomic-"));
  compileSupport(folder);
  fs.writeFileSync(path.join(folder, "faulty-fs.js"), FAULTY_FS);
  fs.writeFileSync(
    path.join(folder, "write.js"),
    'require("./atomic-file").writeFileAtomic(process.argv[2], process.argv[3]);',
  );
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
beforeEach(() => {
  const fresh = path.join(folder, "state");
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh);
  state = path.join(fresh, "state.json");
});

function writeInChild(cut: number, fault: "kill" | "fail", torn = 0): boolean {
  const { status } = spawnSync(
    process.execPath,
    ["--require", "./faulty-fs.js", "write.js", state, NEW],
    {
      cwd: folder,
      env: { ...childEnvironment, CUT: String(cut), TORN: String(torn), FAULT: fault },
    },
  );
  return status === 0;
}

/** Runs with every cut point until one lies behind the last operation, and gives what was seen. */
function atEveryCut(fault: "kill" | "fail", torn: number, before?: string): (string | undefined)[] {
  const seen: (string | undefined)[] = [];
  for (let cut = 0; cut < 100; cut += 1) {
    if (before === undefined) fs.rmSync(state, { force: true });
    else fs.writeFileSync(state, before);
    const whole = writeInChild(cut, fault, torn);
    seen.push(fs.existsSync(state) ? fs.readFileSync(state, "utf8") : undefined);
    if (whole) return seen;
  }
  throw new Error("the writing never ended");
}

describe("S1 a process killed at any file operation", () => {
  test.each([0, 1, 20])(
    "leaves the old bytes or the new ones, %i bytes of a write torn",
    (torn) => {
      const seen = atEveryCut("kill", torn, OLD);
      // mkdir, open, write, fsync, close, rename | open, fsync, close of the folder | no fault
      expect(seen).toEqual([...Array<string>(6).fill(OLD), ...Array<string>(4).fill(NEW)]);
    },
  );

  test("leaves no file or the new one where there was none", () => {
    const seen = atEveryCut("kill", 5);
    expect(seen).toEqual([...Array<undefined>(6).fill(undefined), ...Array<string>(4).fill(NEW)]);
  });

  test("does not hinder the next run", () => {
    fs.writeFileSync(state, OLD);
    writeInChild(4, "kill");
    writeFileAtomic(state, NEW);
    expect(fs.readFileSync(state, "utf8")).toBe(NEW);
  });
});

test("S1 S9 a full disk at any file operation leaves the old bytes and no rest", () => {
  for (let cut = 0; cut < 6; cut += 1) {
    fs.writeFileSync(state, OLD);
    expect(writeInChild(cut, "fail", 3)).toBe(false);
    expect(fs.readFileSync(state, "utf8")).toBe(OLD);
    expect(fs.readdirSync(path.dirname(state))).toEqual(["state.json"]);
  }
});

test("makes missing folders, and keeps to the mode", () => {
  const deep = path.join(path.dirname(state), "a/b/secret.json");
  writeJsonAtomic(deep, { b: 1, a: ["ä"] }, 0o600);
  expect(fs.readFileSync(deep, "utf8")).toBe('{\n  "b": 1,\n  "a": [\n    "ä"\n  ]\n}\n');
  expect(fs.statSync(deep).mode & 0o777).toBe(0o600);
});

test("writes bytes as they are, and an empty file", () => {
  writeFileAtomic(state, Uint8Array.of(0, 255, 10));
  expect([...fs.readFileSync(state)]).toEqual([0, 255, 10]);
  writeFileAtomic(state, "");
  expect(fs.readFileSync(state, "utf8")).toBe("");
});

test.each([
  ["a folder stands", () => fs.mkdirSync(state), "EISDIR", () => state],
  [
    "a file stands in the folder's place",
    () => fs.writeFileSync(state, ""),
    "EEXIST",
    () => path.join(state, "below.json"),
  ],
])("fails where %s, says what to do, and leaves no rest", (_, obstruct, code, target) => {
  obstruct();
  expect(() => writeFileAtomic(target(), NEW)).toThrow(
    `Invalid file:\n - ${state}: cannot be written (${code}); move away what has its name`,
  );
  expect(fs.readdirSync(path.dirname(state))).toEqual(["state.json"]);
});

test("a fault that is no refusal of the system stays what it is", () => {
  function* broken(): Generator<string> {
    yield "half";
    throw new TypeError("a bug");
  }
  expect(() => writeFileAtomic(state, broken())).toThrow(TypeError);
  expect(fs.readdirSync(path.dirname(state))).toEqual([]);
});
