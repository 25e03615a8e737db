import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { writeImageLock } from "../../lib/registry/mirror/lock-file";
import { tempFolder } from "../doubles/temp-folder";
import { smallFleet, writeFleet, writeKeyPair } from "./atom";
import { lockFor } from "./lock-for";

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

/** The command as a process of its own, which outlives no test. */
function start(...argv: string[]) {
  return startNode("--import", "tsx", join(__dirname, "../../lib/cli/main.ts"), ...argv);
}

function startNode(...argv: string[]) {
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "pipe"] });
  undo.push(() => child.kill("SIGKILL"));
  return child;
}

/** How it ends if it is sent one signal, and how long that takes. */
async function endOf(child: ChildProcess, name: NodeJS.Signals) {
  const began = Date.now();
  child.kill(name);
  const [error] = await Promise.all([text(child.stderr!), once(child, "close")]);
  return { code: child.exitCode, error, soon: Date.now() - began < 2_000 };
}

const interrupted = (code: number) => ({
  code,
  error: "atom: interrupted; a state file holds its old or its new content, never half of it\n",
  soon: true,
});

/** A server that takes connections and says nothing. */
async function silentServer() {
  const server = createServer();
  const sockets: Socket[] = [];
  server.on("connection", (socket) => sockets.push(socket.on("error", () => undefined)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, called: once(server, "connection") };
}

describe("S4 the first signal ends a verb that waits", () => {
  test.each(SIGNALS)(
    "for a pipe that nobody closes: %s",
    async (name, code) => {
      const child = start("audit", "-");
      // More than a pipe holds: once it is gone, somebody reads.
      await new Promise((resolve) => child.stdin.write("#".repeat(2 ** 21), resolve));
      expect(await endOf(child, name)).toEqual(interrupted(code));
    },
    60_000,
  );

  test.each(SIGNALS)(
    "for a registry that is silent: %s",
    async (name, code) => {
      const { host, called } = await silentServer();
      const folder = tempFolder();
      writeKeyPair(folder);
      const fleet = smallFleet({ registry: { target: host } });
      writeImageLock(join(folder, "atom.lock.json"), lockFor(fleet));
      const child = start("chart", "verify", writeFleet(folder, fleet));
      await called;
      expect(await endOf(child, name)).toEqual(interrupted(code));
    },
    60_000,
  );
});

test("S4 a verb that listens ends by itself: SIGTERM is how a service is stopped", async () => {
  const fleet = writeFleet(tempFolder());
  const child = start("serve", "--port", "0", "--fleet", fleet, "--only", "bootstrap");
  await once(child.stdout, "data");
  expect(await endOf(child, "SIGTERM")).toMatchObject({ code: 0, soon: true });
}, 60_000);

describe("S4 a signal", () => {
  /** Runs a verb that takes its time, and tells of the first signal. */
  const VERB = `
    const { Interruption } = require(${JSON.stringify(join(__dirname, "../../lib/cli/interruption.ts"))});
    const interruption = new Interruption();
    interruption.signal.addEventListener("abort", () => console.log(process.listenerCount("SIGINT")));
    setInterval(() => undefined, 1_000);
    interruption.end(() => new Promise(() => console.log("listening")));
  `;

  test("is heard further, so that nobody else ends the process, and ends it later than npm repeats it", async () => {
    const child = startNode("--import", "tsx", "--eval", VERB);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    await lines.next();
    child.kill("SIGINT");
    expect(await lines.next()).toEqual({ done: false, value: "1" });
    child.kill("SIGINT");
    await sleep(600);
    expect(child.signalCode).toBeNull();
    child.kill("SIGINT");
    await once(child, "close");
    expect(child.signalCode).toBe("SIGINT");
  }, 60_000);

  test("is the command's alone while a list draws", async () => {
    const child = startNode(
      ...["--import", "tsx", "--eval"],
      `const { showProgress } = require(${JSON.stringify(join(__dirname, "../../lib/cli/progress.ts"))});
      showProgress({ terminal: true }).then((progress) => {
        console.error(process.listenerCount("SIGINT"));
        process.exit();
      });`,
    );
    child.stdout.resume();
    const [errors] = await Promise.all([text(child.stderr), once(child, "close")]);
    expect(errors).toBe("0\n");
  }, 60_000);
});
