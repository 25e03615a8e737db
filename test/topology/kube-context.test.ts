import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { currentKubeContext, readKubeContext } from "../../lib/topology/kube-context";

const CANARY = "canary-7d5510ce11";
let folder = "";

function kubeconfig(name: string, server: string, extra: object = {}): string {
  const path = join(folder, `${name}.yaml`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: { token: CANARY } }],
    contexts: [{ name, context: { cluster: name, user: name, ...extra } }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "atom-kube-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("readKubeContext", () => {
  test("merges the files of KUBECONFIG and gives named fields only", async () => {
    const files = [
      kubeconfig("eu", `https://u:${CANARY}@eu.example:6443/base?t=${CANARY}`, { namespace: "a" }),
      kubeconfig("us", "https://us.example"),
    ];
    vi.stubEnv("KUBECONFIG", files.join(delimiter));
    expect([await readKubeContext("eu"), await readKubeContext("us")]).toEqual([
      { context: "eu", cluster: "eu", server: "https://eu.example:6443/base", namespace: "a" },
      { context: "us", cluster: "us", server: "https://us.example" },
    ]);
  });

  test("fails where there is no kubeconfig at all", async () => {
    for (const name of ["KUBECONFIG", "HOMEDRIVE", "USERPROFILE"]) vi.stubEnv(name, "");
    vi.stubEnv("HOME", join(folder, "nobody"));
    const message =
      "Invalid kube context:\n - context: there is no kubeconfig; set KUBECONFIG to the path of one";
    await expect(currentKubeContext()).rejects.toThrow(message);
    await expect(readKubeContext("eu")).rejects.toThrow(message);
  });

  test("fails for a kubeconfig that cannot be parsed, without repeating it", async () => {
    const path = join(folder, "broken.yaml");
    writeFileSync(path, `users: [{token: ${CANARY}\n`);
    const error = await readKubeContext("eu", { kubeconfig: path }).catch((e: unknown) => e);
    expect(String(error)).toContain("cannot be read; check it with 'kubectl config view'");
    expect(String(error)).not.toContain(CANARY);
  });

  test("fails for a server that is no http address, without repeating it", async () => {
    const path = kubeconfig("odd", `ftp://u:${CANARY}@h`);
    await expect(readKubeContext("odd", { kubeconfig: path })).rejects.toThrow(
      "Invalid kube context:\n - context: context 'odd' has no http address as its server",
    );
  });
});
