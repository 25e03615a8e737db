import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { runToolchain } from "../engine/toolchain/command";
import { PARTS } from "../engine/toolchain/parts";
import { writeProgram } from "./sample-part";

let environment: { PATH: string; XDG_CACHE_HOME: string };
beforeEach(() => {
  environment = { PATH: tempFolder(), XDG_CACHE_HOME: tempFolder() };
});

async function run(...args: string[]) {
  let out = "";
  let error = "";
  const code = await runToolchain(args, {
    environment,
    out: (text) => (out += text),
    error: (text) => (error += text),
    signal: new AbortController().signal,
  });
  return { code, out, error };
}

test("--help tells the parts and the flags", async () => {
  const { code, out } = await run("--help");
  expect(code).toBe(0);
  for (const word of ["--list", "--json", ...PARTS.map(({ name }) => name)]) {
    expect(out).toContain(word);
  }
});

test("--list shows every tool and makes nothing", async () => {
  writeProgram(join(environment.PATH, "etcd"), "etcd Version: 3.6.9");
  const { code, out, error } = await run("--list");
  expect({ code, error }).toEqual({ code: 0, error: "" });
  const rows = out
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
  expect(rows.slice(0, 3)).toEqual([
    ["tool", "version", "from", "seconds"],
    ["etcd", "3.6.9", "PATH", "0.0"],
    ["kube-apiserver", "1.35.0", "missing", "0.0"],
  ]);
  expect(rows).toHaveLength(
    1 + PARTS.reduce((count, { tools }) => count + Math.max(1, tools.length), 0),
  );
  expect(readdirSync(environment.XDG_CACHE_HOME)).toEqual([]);
});

test("with nothing to make, the table is printed without asking for go, python3 or npm", async () => {
  writeProgram(join(environment.PATH, "crane"), "0.22.4");
  expect(await run("crane", "--json")).toEqual({
    code: 0,
    error: "",
    out: `${JSON.stringify(
      [
        {
          tool: "crane",
          part: "crane",
          version: "0.22.4",
          from: "PATH",
          seconds: 0,
          path: join(environment.PATH, "crane"),
        },
      ],
      null,
      2,
    )}\n`,
  });
});

test("fails before anything is made when a program is missing that parts are made with", async () => {
  expect(await run("etcd", "bao")).toEqual({
    code: 2,
    out: "",
    error:
      "Invalid prerequisites:\n" +
      " - go: is not on PATH; 1.26 or later is needed; install Go and put it on PATH\n" +
      " - python3: is not on PATH; 3.11 or later is needed; install Python with its venv module and put it on PATH\n",
  });
  expect(readdirSync(environment.XDG_CACHE_HOME)).toEqual([]);
});

test("fails for a part that does not exist, and lists those that do", async () => {
  const { code, out, error } = await run("etdc");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(error).toContain("Allowed choices are etcd, kubernetes, pulumi,");
});
