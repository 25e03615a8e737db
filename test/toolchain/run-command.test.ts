import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, test, vi } from "vitest";
import { isRunning } from "../../lib/support/process-identity";
import { tempFolder } from "../doubles/temp-folder";
import { runCommand } from "../engine/toolchain/run-command";

let folder: string;
let log: string;
beforeEach(() => {
  folder = tempFolder();
  log = join(folder, "log");
});

function shell(script: string, signal = new AbortController().signal): Promise<string> {
  const environment = { WORD: "environment" };
  return runCommand({ argv: ["sh", "-c", script], folder, environment }, { log, signal });
}

test("a command's output is given back and logged with its errors and the command itself", async () => {
  const script = 'echo "$WORD"; pwd; echo error >&2';
  expect(await shell(script)).toBe(`environment\n${folder}\n`);
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  expect(lines[0]).toBe(`$ sh -c ${script}`);
  expect(lines.slice(1).sort()).toEqual([folder, "environment", "error"].sort());
});

test("fails with the command and its exit code", async () => {
  await expect(shell("exit 3")).rejects.toThrow("'sh -c exit 3' ended with 3");
});

test("fails when the program is not there", async () => {
  const run = runCommand(
    { argv: ["no-such-program"], folder },
    { log, signal: new AbortController().signal },
  );
  await expect(run).rejects.toThrow("ENOENT");
});

test("starts nothing once it was interrupted", async () => {
  await expect(shell("echo started", AbortSignal.abort())).rejects.toThrow(/abort/);
  expect(existsSync(log)).toBe(false);
});

test("an interruption ends the command with all its children", async () => {
  const controller = new AbortController();
  const run = shell("sleep 60 & echo $!; wait", controller.signal);
  let child = "";
  while (child === "") {
    await sleep(10);
    child = /^\d+$/m.exec(readFileSync(log, "utf8"))?.[0] ?? "";
  }
  expect(isRunning(Number(child))).toBe(true);
  controller.abort();
  await expect(run).rejects.toThrow(/abort/);
  // A process that is ending closes its files first, and is over a little later.
  await vi.waitFor(() => expect(isRunning(Number(child))).toBe(false), { timeout: 5_000 });
});
