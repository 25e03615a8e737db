import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { OpenBao } from "./bed/openbao";
import { engine } from "./engine";
import { mustRun } from "./project/run-command";
import { signalGroup } from "./signal-group";

const { bed, environment, project } = engine();

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) signalGroup(child.pid, "SIGKILL");
});

test("a bed is ready in under 30 seconds, and Ctrl-C leaves no process, port or file of it", async () => {
  const { child, seconds, folder, addresses } = await keepBed();
  expect(seconds).toBeLessThan(30);
  expect(await answering(addresses)).toEqual(addresses);
  child.kill("SIGINT");
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(0);
  expect(await answering(addresses)).toEqual([]);
  expect(await processesOf(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test("a bed whose keeper is killed leaves no process and no port", async () => {
  const { child, folder, addresses } = await keepBed();
  expect((await processesOf(folder)).length).toBeGreaterThan(8);
  child.kill("SIGKILL");
  await once(child, "exit");
  const deadline = Date.now() + 10_000;
  const left = async () => [...(await processesOf(folder)), ...(await answering(addresses))];
  // A process that ends loses its command line before its ports.
  while ((await left()).length > 0 && Date.now() < deadline) await sleep(100);
  expect(await left()).toEqual([]);
});

test("a sealed OpenBao answers nothing until it is unsealed", async () => {
  const vault = new OpenBao(bed.secondary);
  await vault.seal();
  await expect(vault.request("/v1/sys/mounts")).rejects.toThrow("answered 503");
  await vault.unseal();
  expect(Object.keys(await vault.request<object>("/v1/sys/mounts"))).toContain("sys/");
});

interface KeptBed {
  readonly child: ChildProcess;
  readonly seconds: number;
  /** Of the servers. */
  readonly folder: string;
  /** `host:port` of each server that a shell is told of. */
  readonly addresses: readonly string[];
}

/** `npm run bed`, as far as it prints what to source. */
async function keepBed(): Promise<KeptBed> {
  const child = spawn(process.execPath, ["--import", "tsx", "test/engine/bed/main.ts"], {
    // A process group of its own, so that a test that fails can end it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
  const [line = ""] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(() => Promise.reject(new Error(told))),
  ])) as [string];
  const exported = readFileSync(line.replace("source ", ""), "utf8");
  const value = (name: string) => new RegExp(`export ${name}='(.*)'`).exec(exported)?.[1] ?? "";
  const kubeconfig = value("KUBECONFIG");
  const { clusters } = JSON.parse(readFileSync(kubeconfig, "utf8")) as {
    clusters: [{ cluster: { server: string } }];
  };
  return {
    child,
    seconds: Number(/ready after ([0-9.]+) s/.exec(told)?.[1]),
    folder: dirname(kubeconfig),
    addresses: [
      clusters[0].cluster.server,
      value("VAULT_PRIMARY_ADDR"),
      value("VAULT_SECONDARY_ADDR"),
      value("LOCAL_REGISTRY_URL"),
      value("OPEN_REGISTRY"),
    ].map((address) => address.replace(/^https:\/\//, "")),
  };
}

/** Those of the addresses where somebody listens. */
async function answering(addresses: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(
    addresses.map(
      (address) =>
        new Promise<boolean>((resolve) => {
          const [host = "", port] = address.split(":");
          const socket = connect(Number(port), host);
          socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
          socket.once("connect", () => socket.destroy());
        }),
    ),
  );
  return addresses.filter((_, index) => answers[index]);
}

/** Command lines that name a folder: each of a bed's servers is told where its files are. */
async function processesOf(folder: string): Promise<string[]> {
  const listed = await mustRun("ps", ["-A", "-o", "args"], { folder: project, environment });
  return listed.split("\n").filter((line) => line.includes(folder));
}
