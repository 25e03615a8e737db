import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { cacheFolder, partFolder } from "../engine/toolchain/cache";
import type { PartName } from "../engine/toolchain/parts";
import { partsNamed } from "../engine/toolchain/parts";
import { resolveToolchain } from "../engine/toolchain/resolve";
import { writeProgram } from "./sample-part";

let environment: { PATH: string; XDG_CACHE_HOME: string };
beforeEach(() => {
  environment = { PATH: tempFolder(), XDG_CACHE_HOME: tempFolder() };
});

const folderOf = (name: PartName) => partFolder(cacheFolder(environment), partsNamed([name])[0]!);

test("programs and files are found, with their versions and where they are from", async () => {
  // GIVEN one program on PATH, one in the cache, and a part of files
  writeProgram(join(environment.PATH, "etcd"), "etcd Version: 3.7.0");
  writeProgram(join(folderOf("node24"), "bin", "node"), "v24.21.0");
  const [crds] = partsNamed(["secrets-store-crds"]);
  for (const file of Object.keys((crds!.source as { files: object }).files)) {
    const path = join(folderOf("secrets-store-crds"), "share", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  }

  // WHEN
  const parts = ["etcd", "node24", "secrets-store-crds"] as const;
  const toolchain = await resolveToolchain({ parts, environment });

  // THEN
  const etcd = { path: join(environment.PATH, "etcd"), version: "3.7.0", origin: "PATH" };
  const node = {
    path: join(folderOf("node24"), "bin", "node"),
    version: "24.21.0",
    origin: "cache",
  };
  expect(Object.fromEntries(toolchain.tools)).toEqual({ etcd, node24: node });
  expect(toolchain.path("etcd")).toBe(etcd.path);
  expect(toolchain.path("node24")).toBe(node.path);
  expect(toolchain.share("secrets-store-crds")).toBe(join(folderOf("secrets-store-crds"), "share"));
  expect(() => toolchain.path("helm")).toThrow("'helm' is of no part that was resolved");
});

test("fails with every part that is missing, and how to mend it", async () => {
  writeProgram(join(environment.PATH, "crane"), "0.22.1");
  const parts = ["kwok", "crane", "kwok-stages"] as const;
  await expect(resolveToolchain({ parts, environment })).rejects.toThrow(
    "the toolchain is not complete; run 'npm run toolchain':\n" +
      ` - kwok 0.7.0: no ${folderOf("kwok")}\n` +
      ` - kwok-stages 0.7.0: no ${folderOf("kwok-stages")}`,
  );
});
