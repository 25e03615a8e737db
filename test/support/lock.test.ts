import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { withLock } from "../../lib/support/lock";
import { UsageError } from "../../lib/support/problem";
import { isRunning, processStart } from "../../lib/support/process-identity";
import { childEnvironment, compileSupport } from "./compiled-support";

/** Takes the lock, says so, and holds it until its standard input ends. Exits 3 if it is held. */
const HOLDER = `
const { withLock } = require("./lock");
const until = () => new Promise((resolve) => process.stdin.on("end", resolve).resume());
const work = async () => {
  if (process.argv[3]) require("node:fs").appendFileSync(process.argv[3], "+");
  process.stdout.write("locked\\n");
  await until();
};
withLock(process.argv[2], work).catch((error) => {
  process.stdout.write(error.message + "\\n");
  process.exitCode = error.name === "UsageError" ? 3 : 1;
});
`;

let folder: string;
let lock: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "atom-lock-"));
  compileSupport(folder);
  fs.writeFileSync(path.join(folder, "holder.js"), HOLDER);
});
afterAll(() => fs.rmSync(folder, { recursive: true }));
beforeEach(() => {
  const fresh = path.join(folder, "locks");
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh);
  lock = path.join(fresh, "run.lock");
});

function startHolder(...more: string[]): ChildProcess {
  return spawn(process.execPath, ["holder.js", lock, ...more], {
    cwd: folder,
    env: childEnvironment,
    stdio: ["pipe", "pipe", "inherit"],
  });
}

/** The child's first line: `locked`, or the error. */
async function firstWord(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout!) return String(chunk);
  return "";
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, "exit");
}

function writeLock(fields: object): void {
  const holder = {
    version: 1,
    id: "5f0c6b0e-7f2c-4b52-9d0c-0c2f4d1f3c11",
    pid: process.pid,
    host: os.hostname(),
    started: processStart(process.pid) ?? null,
    ...fields,
  };
  fs.writeFileSync(lock, JSON.stringify(holder));
}

/** The number of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

const tryLock = () => withLock(lock, () => "done");
const left = () => fs.readdirSync(path.dirname(lock));

describe("S2 a lock", () => {
  test("is there while the work runs, and gone after it", async () => {
    const result = await withLock(lock, () => {
      expect(left()).toEqual(["run.lock"]);
      return "done";
    });
    expect(result).toBe("done");
    expect(left()).toEqual([]);
  });

  test.each<[string, () => string, string]>([
    ["below a file", () => path.join(lock, "run.lock"), "cannot be written (EEXIST)"],
    ["where a folder stands", () => path.dirname(lock), "cannot be read (EISDIR)"],
  ])("fails %s without a stack trace", async (_, place, message) => {
    fs.writeFileSync(lock, "");
    const mend =
      "see that this user may read and write there and that there is room, or name another folder";
    await expect(withLock(place(), () => "done")).rejects.toThrow(
      new UsageError("lock", [{ path: place(), message, mend }]),
    );
  });

  test("is released when the work fails", async () => {
    await expect(withLock(lock, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(left()).toEqual([]);
  });

  test("fails for a second run of the same process", async () => {
    await withLock(lock, async () => {
      await expect(tryLock()).rejects.toThrow(UsageError);
      expect(left()).toEqual(["run.lock"]);
    });
  });

  test("fails for everybody else while a process holds it, and says who does", async () => {
    const child = startHolder();
    expect(await firstWord(child)).toBe("locked\n");
    await expect(tryLock()).rejects.toThrow(
      new UsageError("lock", [
        {
          path: lock,
          message: `another run is under way: process ${child.pid} on ${JSON.stringify(os.hostname())} holds the lock`,
          mend: "wait until it ends",
        },
      ]),
    );
    child.stdin!.end();
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await tryLock()).toBe("done");
  });

  test("lets exactly one of many processes proceed that find a stale one", async () => {
    writeLock({ pid: deadPid() });
    const tally = path.join(folder, "tally");
    fs.writeFileSync(tally, "");
    const children = Array.from({ length: 8 }, () => startHolder(tally));
    const words = await Promise.all(children.map(firstWord));
    expect(words.filter((word) => word === "locked\n")).toHaveLength(1);
    expect(words.filter((word) => word.includes("another run is under way"))).toHaveLength(7);
    children.forEach((child) => child.stdin!.end());
    await Promise.all(children.map((child) => ended(child)));
    expect(fs.readFileSync(tally, "utf8")).toBe("+");
    expect(left()).toEqual([]);
  });

  test("of a killed process is taken over", async () => {
    const child = startHolder();
    expect(await firstWord(child)).toBe("locked\n");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(left()).toEqual(["run.lock"]);
    expect(await tryLock()).toBe("done");
  });

  test.runIf(process.platform === "linux")(
    "of an ended process is taken over when another one bears its number",
    async () => {
      writeLock({ started: "00000000-0000-0000-0000-000000000000/1" });
      expect(await tryLock()).toBe("done");
    },
  );

  test("fails when the holder runs and the system did not tell its start", async () => {
    writeLock({ started: null });
    await expect(tryLock()).rejects.toThrow("another run is under way");
  });

  test("fails on another host's lock, though no such process runs here", async () => {
    writeLock({ host: "elsewhere", pid: deadPid() });
    await expect(tryLock()).rejects.toThrow(
      /on "elsewhere" holds the lock; wait until it ends, or remove the file if that machine no longer runs it$/,
    );
    expect(left()).toEqual(["run.lock"]);
  });

  test.each(["", "{", "[]", '{"version":2}', "12345\n"])(
    "fails on a file with %j",
    async (text) => {
      fs.writeFileSync(lock, text);
      await expect(tryLock()).rejects.toThrow(
        "the file is no lock of this release; make sure that no other run is under way and remove it",
      );
      expect(fs.readFileSync(lock, "utf8")).toBe(text);
    },
  );

  test("fails, with what to remove, when a process died while it took a stale lock away", async () => {
    writeLock({ pid: deadPid() });
    fs.writeFileSync(`${lock}.5f0c6b0e-7f2c-4b52-9d0c-0c2f4d1f3c11.breaking`, "");
    await expect(tryLock()).rejects.toThrow("make sure that no other run is under way and remove");
  });

  test("is not removed by a run that lost it", async () => {
    await withLock(lock, () => writeLock({ host: "elsewhere" }));
    expect(left()).toEqual(["run.lock"]);
  });
});

describe("a process", () => {
  test("runs or does not", () => {
    expect(isRunning(process.pid)).toBe(true);
    expect(isRunning(deadPid())).toBe(false);
  });

  test.runIf(process.platform === "linux")("has a start that stays and is its own", () => {
    expect(processStart(process.pid)).toBe(processStart(process.pid));
    expect(processStart(process.pid)).not.toBe(processStart(1));
    expect(processStart(deadPid())).toBeUndefined();
  });
});
