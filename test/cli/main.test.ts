import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";

const MAIN = join(__dirname, "../../lib/cli/main.ts");

test("a reader that leaves changes neither the exit code nor standard error", async () => {
  const path = join(tempFolder(), "pod.yaml");
  writeFileSync(path, "apiVersion: v1\nkind: Pod\nmetadata: { name: x, namespace: tenant-acme }\n");
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, "audit", path], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  const [errors] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect({ code: child.exitCode, errors }).toEqual({ code: 1, errors: "" });
}, 60_000);

test("a full disk under standard output is told in one line", async () => {
  // Its device is Linux's own.
  if (!existsSync("/dev/full")) return;
  const full = openSync("/dev/full", "w");
  try {
    const child = spawn(process.execPath, ["--import", "tsx", MAIN, "schema"], {
      stdio: ["ignore", full, "pipe"],
    });
    const [errors] = await Promise.all([text(child.stderr!), once(child, "close")]);
    expect({ code: child.exitCode, errors }).toEqual({
      code: 2,
      errors:
        "atom: standard output cannot be written (ENOSPC); see that there is room and that this user may write there\n",
    });
  } finally {
    closeSync(full);
  }
}, 60_000);
