import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { partFolder } from "../engine/toolchain/cache";
import { locateParts } from "../engine/toolchain/locate";
import type { Part } from "../engine/toolchain/part";
import type { PartName } from "../engine/toolchain/parts";
import { partsNamed } from "../engine/toolchain/parts";
import { SAMPLE_PART, writeProgram } from "./sample-part";

let cache: string;
let first: string;
let second: string;
beforeEach(() => {
  cache = tempFolder();
  first = tempFolder();
  second = tempFolder();
});

/** With the system's own folders behind, because the fake programs are shell scripts. */
async function locate(part: Part) {
  const environment = { PATH: [first, "relative/bin", second, "/usr/bin", "/bin"].join(":") };
  const [state] = await locateParts([part], cache, environment);
  return { missing: state!.missing, tools: Object.fromEntries(state!.tools) };
}

const inCache = () => ({
  path: join(partFolder(cache, SAMPLE_PART), "bin", "sample"),
  version: "1.2.3",
  origin: "cache",
});

test("a program of a fitting version on PATH is used as it is", async () => {
  writeProgram(join(first, "sample"), "sample v1.9.0");
  expect(await locate(SAMPLE_PART)).toEqual({
    missing: false,
    tools: { sample: { path: join(first, "sample"), version: "1.9.0", origin: "PATH" } },
  });
});

test("a program that does not fit does not hide a later one that does", async () => {
  writeProgram(join(first, "sample"), "sample v1.1.0");
  writeProgram(join(second, "sample"), "sample v1.2.0");
  expect((await locate(SAMPLE_PART)).tools["sample"]?.path).toBe(join(second, "sample"));
});

test.each([
  ["is too old", "sample v1.1.9"],
  ["is of a later major", "sample v2.2.3"],
  ["is a namesake that prints another word", "example v1.2.3"],
  ["tells no version", "sample vlatest"],
])("a program on PATH that %s is left alone, and the part is missing", async (_, line) => {
  writeProgram(join(first, "sample"), line);
  expect(await locate(SAMPLE_PART)).toEqual({ missing: true, tools: { sample: inCache() } });
});

test("a program on PATH that fails, or cannot be run, is left alone", async () => {
  writeFileSync(join(first, "sample"), "#!/bin/sh\necho 'sample v1.2.3'\nexit 1\n");
  chmodSync(join(first, "sample"), 0o755);
  writeFileSync(join(second, "sample"), "#!/bin/sh\necho 'sample v1.2.3'\n");
  expect((await locate(SAMPLE_PART)).missing).toBe(true);
});

test("a program that is in the cache is found there", async () => {
  writeProgram(inCache().path, "sample v1.2.3");
  expect(await locate(SAMPLE_PART)).toEqual({ missing: false, tools: { sample: inCache() } });
});

test("a tool that does not tell its version is never taken from PATH", async () => {
  writeProgram(join(first, "sample"), "sample v1.2.3");
  expect((await locate({ ...SAMPLE_PART, tools: [{ name: "sample" }] })).missing).toBe(true);
});

test("of a part's tools, some may be on PATH; the part is still needed for the others", async () => {
  const [sample] = SAMPLE_PART.tools;
  const part = { ...SAMPLE_PART, tools: [sample!, { ...sample!, name: "other" }] };
  writeProgram(join(first, "sample"), "sample v1.2.3");
  const { missing, tools } = await locate(part);
  expect(missing).toBe(true);
  expect([tools["sample"]?.origin, tools["other"]?.origin]).toEqual(["PATH", "cache"]);

  writeProgram(join(second, "other"), "sample v1.2.4");
  expect((await locate(part)).missing).toBe(false);
});

test("a part of files is missing until it is in the cache, whatever is on PATH", async () => {
  const [part] = partsNamed(["kwok-stages"]);
  expect((await locate(part!)).missing).toBe(true);
  const share = join(partFolder(cache, part!), "share");
  for (const folder of ["node", "pod"]) mkdirSync(join(share, folder), { recursive: true });
  for (const file of Object.keys((part!.source as { files: object }).files)) {
    writeFileSync(join(share, file), "");
  }
  expect(await locate(part!)).toEqual({ missing: false, tools: {} });
});

describe("what the tools print", () => {
  const cases: [PartName, string, string, string | undefined][] = [
    ["etcd", "etcd", "etcd Version: 3.6.5\nGit SHA: a061450\nGo Version: go1.24.7", "3.6.5"],
    ["etcd", "etcd", "etcd Version: 3.5.21", undefined],
    ["kubernetes", "kube-apiserver", "Kubernetes v1.35.2", "1.35.2"],
    ["kubernetes", "kube-scheduler", "Kubernetes v1.36.0", undefined],
    ["kubernetes", "kube-controller-manager", "Kubernetes v1.34.3", undefined],
    ["pulumi", "pulumi", "v3.260.1", "3.260.1"],
    ["kwok", "kwok", "kwok version v0.7.0 go1.24.6 (linux/amd64)", "0.7.0"],
    [
      "registry",
      "registry",
      "/usr/local/bin/registry github.com/distribution/distribution/v3 v3.1.0",
      "3.1.0",
    ],
    ["registry", "registry", "registry github.com/docker/distribution v2.8.3", undefined],
    ["crane", "crane", "0.22.1", "0.22.1"],
    ["crane", "crane", "v0.23.0", "0.23.0"],
    ["crane", "crane", "crane 1.0", undefined],
    ["kubeconform", "kubeconform", "v0.7.0", "0.7.0"],
    ["kubeconform", "kubeconform", "development", undefined],
    ["cosign", "cosign", "cosign: a tool\n\nGitVersion:    v3.1.0\nGoVersion: go1.25", "3.1.0"],
    ["cosign", "cosign", "GitVersion:    v2.6.1", undefined],
    ["helm", "helm", "v4.3.1+g1234567", "4.3.1+g1234567"],
    ["helm", "helm", "v3.19.0+g1234567", undefined],
    ["promtool", "promtool", "promtool, version 3.13.5 (branch: HEAD)\n  go: 1.2", "3.13.5"],
    ["kubectl", "kubectl", "Client Version: v1.34.1\nKustomize Version: v5.7.1", "1.34.1"],
    ["kubectl", "kubectl", "Client Version: v1.36.4", "1.36.4"],
    ["kubectl", "kubectl", "Client Version: v1.32.4-dispatcher", undefined],
    ["kubectl", "kubectl", "Client Version: v1.37.0", undefined],
    ["bao", "bao", "OpenBao v2.7.2 (9e0a0d3), committed 2026-10-26", "2.7.2"],
    ["bao", "bao", "OpenBao v2.7.2, built 2026-10-26", "2.7.2"],
    ["bao", "bao", "Vault v1.20.0", undefined],
    ["ansible-core", "ansible", "ansible [core 2.19.14]\n  config file = None", "2.19.14"],
    ["ansible-core", "ansible-playbook", "ansible-playbook [core 2.18.1]", undefined],
    ["node22", "node", "v22.23.3", "22.23.3"],
    ["node22", "node", "v24.21.0", undefined],
    ["node24", "node", "v24.30.0", "24.30.0"],
  ];

  test.each(cases)("%s takes %s that prints '%s' for %s", async (name, file, output, version) => {
    const [part] = partsNamed([name]);
    writeProgram(join(first, file), output);
    const environment = { PATH: [first, "/nothing/here"].join(":") };
    const [state] = await locateParts([part!], cache, environment);
    const located = [...state!.tools.values()].find(({ path }) => path.endsWith(`/bin/${file}`));
    const found = [...state!.tools.values()].find(({ origin }) => origin === "PATH");
    expect(found?.version).toBe(version);
    if (version === undefined) expect(located?.origin).toBe("cache");
  });
});
