import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { KubeApi } from "../../lib/topology/kube-api";
import { tempFolder } from "../doubles/temp-folder";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Points KUBECONFIG at one context with this user. */
function kubeconfig(user: object): void {
  const path = join(tempFolder(), "config.yaml");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "eu", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "eu", user }],
    contexts: [{ name: "eu", context: { cluster: "eu", user: "eu" } }],
  };
  writeFileSync(path, JSON.stringify(config));
  vi.stubEnv("KUBECONFIG", path);
}

test("fails for a program for credentials that is not installed, by its name", async () => {
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "no-such-program-4f1" };
  kubeconfig({ exec });
  const api = await KubeApi.connect("eu");
  await expect(api.get("/api")).rejects.toMatchObject({
    code: 'the kubeconfig\'s program for credentials, "no-such-program-4f1", cannot be run: ENOENT',
    mend: "install it, or name another context with --context",
  });
});

test("fails for a program for credentials that fails, without what it said", async () => {
  const script = "console.error('canary-81f0'); process.exit(1)";
  const apiVersion = "client.authentication.k8s.io/v1";
  kubeconfig({ exec: { apiVersion, command: process.execPath, args: ["-e", script] } });
  const api = await KubeApi.connect("eu");
  await expect(api.get("/api")).rejects.toMatchObject({
    code: "no use of the kubeconfig's server or user",
    mend: "see whether kubectl is let in with the same context",
  });
});

test("fails for a certificate's file that is gone, by its path", async () => {
  kubeconfig({ "client-certificate": "/no/such/client.crt", "client-key": "/no/such/client.key" });
  const api = await KubeApi.connect("eu");
  await expect(api.get("/api")).rejects.toMatchObject({
    code: 'the kubeconfig\'s file "/no/such/client.crt" cannot be read: ENOENT',
    mend: "see the user and the cluster of this context",
  });
});
