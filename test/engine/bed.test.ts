import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { OpenBao } from "./bed/openbao";
import { engine } from "./engine";
import { mustRun } from "./project/run-command";
import { signalGroup } from "./signal-group";

const { bed, environment, folder } = engine();

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) signalGroup(child.pid, "SIGKILL");
});

test("a bed is ready in under 30 seconds, and Ctrl-C leaves no process, port or file of it", async () => {
  const kept = await keepBed();
  expect(kept.seconds).toBeLessThan(30);
  expect(await answering(kept.ports)).toEqual(kept.ports);
  // API server, etcd's two, controllers, scheduler, kwok, two each of the OpenBaos, two registries.
  expect(kept.ports).toHaveLength(12);
  kept.child.kill("SIGINT");
  expect(await once(kept.child, "exit")).toEqual([0, null]);
  expect(await leftOf(kept)).toEqual([]);
});

test("a bed whose keeper is killed leaves no process, port or file of it", async () => {
  const kept = await keepBed();
  // A server each, and the watchdog.
  expect((await leftOf(kept)).filter((each) => each.startsWith("process"))).toHaveLength(10);
  kept.child.kill("SIGKILL");
  await once(kept.child, "exit");
  await until(async () => (await leftOf(kept)).length === 0);
  expect(await leftOf(kept)).toEqual([]);
});

test("Ctrl-C while a bed is being set up leaves no process and no file of it", async () => {
  const keeper = startKeeper();
  const hasBegun = (name: string) => existsSync(join(keeper.temporary, name, "logs", "etcd.log"));
  await until(() => Promise.resolve(foldersOf(keeper).some(hasBegun)));
  keeper.child.kill("SIGINT");
  expect(await once(keeper.child, "exit")).toEqual([130, null]);
  await until(async () => (await leftOf(keeper)).length === 0);
  expect(await leftOf(keeper)).toEqual([]);
});

test("a program of a test run that is killed ends with all that it started", async () => {
  const place = mkdtempSync(join(folder, "killed-run-"));
  const script = `touch ${place}/log; setsid tail -f ${place}/log & wait`;
  const options = { folder: place, environment };
  const run = `
    const { runCommand } = require("./test/engine/project/run-command.ts");
    runCommand("sh", ["-c", ${JSON.stringify(script)}], ${JSON.stringify(options)});
  `;
  const child = spawn(process.execPath, ["--import", "tsx", "--eval", run], { stdio: "ignore" });
  started.push(child);
  const running = async () =>
    (await commandLines()).filter((line) => /^(sh|tail) /.test(line) && line.includes(place));
  await until(async () => existsSync(join(place, "log")) && (await running()).length === 2);
  expect(await running()).toHaveLength(2);
  child.kill("SIGKILL");
  await until(async () => (await running()).length === 0);
  expect(await running()).toEqual([]);
});

test("a sealed OpenBao answers nothing until it is unsealed", async () => {
  const vault = new OpenBao(bed.secondary);
  await vault.seal();
  await expect(vault.request("/v1/sys/mounts")).rejects.toThrow("answered 503");
  await vault.unseal();
  expect(Object.keys(await vault.request<object>("/v1/sys/mounts"))).toContain("sys/");
});

/** `npm run bed` */
interface Keeper {
  readonly child: ChildProcess;
  /** Where it makes all of its folders. */
  readonly temporary: string;
  readonly ports: readonly number[];
}

interface KeptBed extends Keeper {
  readonly seconds: number;
}

function startKeeper(): Keeper {
  const temporary = mkdtempSync(join(folder, "keeper-"));
  const child = spawn(process.execPath, ["--import", "tsx", "test/engine/bed/main.ts"], {
    // A process group of its own, so that a test that fails can end it.
    detached: true,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  return { child, temporary, ports: [] };
}

/** A bed, as far as it prints what to source. */
async function keepBed(): Promise<KeptBed> {
  const keeper = startKeeper();
  const { child } = keeper;
  let told = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (told += text));
  const [line = ""] = (await Promise.race([
    once(createInterface(child.stdout!), "line"),
    once(child, "exit").then(() => Promise.reject(new Error(told))),
  ])) as [string];
  const exported = readFileSync(line.replace("source ", ""), "utf8");
  const servers = dirname(/export KUBECONFIG='(.*)'/.exec(exported)?.[1] ?? "");
  const seconds = Number(/ready after ([0-9.]+) s/.exec(told)?.[1]);
  return { ...keeper, seconds, ports: await portsIn(servers) };
}

/** The ports that the servers in a bed's folder were told to listen on, on command lines and in files. */
async function portsIn(servers: string): Promise<number[]> {
  const files = readdirSync(servers).filter((name) => /^(bao|registry)-.*\.json$/.test(name));
  const told = [
    ...(await commandLines()).filter((line) => line.includes(servers)),
    ...files.map((name) => readFileSync(join(servers, name), "utf8")),
  ].join("\n");
  const ports = [...told.matchAll(/(?:127\.0\.0\.1:|--secure-port=)(\d+)/g)];
  return [...new Set(ports.map(([, port]) => Number(port)))].sort();
}

/** Whatever there is of a bed: its processes, the ports that answer, its folders. */
async function leftOf(keeper: Keeper): Promise<string[]> {
  const { child, temporary, ports } = keeper;
  const marks = [temporary, `watchdog-of-${child.pid}`];
  const lines = (await commandLines()).filter((line) => marks.some((mark) => line.includes(mark)));
  return [
    ...lines.map((line) => `process ${line}`),
    ...(await answering(ports)).map((port) => `port ${port}`),
    ...foldersOf(keeper).map((name) => `folder ${name}`),
  ];
}

/** tsx keeps a cache of its own, whatever it runs. */
function foldersOf({ temporary }: Keeper): string[] {
  return readdirSync(temporary).filter((name) => !name.startsWith("tsx-"));
}

/** Those of the ports where somebody listens. */
async function answering(ports: readonly number[]): Promise<number[]> {
  const answers = await Promise.all(
    ports.map(
      (port) =>
        new Promise<boolean>((resolve) => {
          const socket = connect(port, "127.0.0.1");
          socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
          socket.once("connect", () => socket.destroy());
        }),
    ),
  );
  return ports.filter((_, index) => answers[index]);
}

async function commandLines(): Promise<string[]> {
  return (await mustRun("ps", ["-A", "-o", "args"], { folder, environment })).split("\n");
}

/** Waits until something holds, for as long as a machine with others to serve may need. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds()) && Date.now() < deadline) await sleep(50);
}
