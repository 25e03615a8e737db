import { mkdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { layOutEngine } from "../engine/project/engine-environment";
import type { Toolchain } from "../engine/toolchain/resolve";

const NO_TOOLS = { tools: new Map() } as unknown as Toolchain;
const DOUBLES = {
  "pulumi-language-nodejs": "double",
  "pulumi-resource-command": "double",
  "pulumi-resource-vault": "double",
};

let home: string;
let folder: string;
beforeEach(() => {
  home = tempFolder();
  folder = tempFolder();
  vi.stubEnv("HOME", home);
  vi.stubEnv("PATH", join(home, "bin"));
  vi.stubEnv("PULUMI_HOME", undefined);
  return () => vi.unstubAllEnvs();
});

/** An executable among the plugins of a user, as Pulumi downloads it. */
function installed(version: string): string {
  const plugin = join(home, ".pulumi", "plugins", `resource-command-v${version}`);
  mkdirSync(plugin, { recursive: true });
  const file = join(plugin, "pulumi-resource-command");
  writeFileSync(file, "#!/bin/sh\n", { mode: 0o755 });
  return file;
}

async function kinds(): Promise<Record<string, string>> {
  const { plugins } = await layOutEngine(folder, NO_TOOLS);
  return Object.fromEntries(plugins.map(({ name, kind }) => [name, kind]));
}

test("a plugin of the user's own is what the engine tests run on", async () => {
  const file = installed("1.2.1");
  expect(await kinds()).toEqual({ ...DOUBLES, "pulumi-resource-command": "genuine" });
  expect(readlinkSync(join(folder, "bin", "pulumi-resource-command"))).toBe(file);
});

test("a plugin of another version than the SDK's has a double", async () => {
  installed("1.0.0");
  expect(await kinds()).toEqual(DOUBLES);
});
