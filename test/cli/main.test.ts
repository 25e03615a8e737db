import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { outliveReader } from "../../lib/cli/terminal";
import { tempFolder } from "../doubles/temp-folder";

test("a reader that leaves changes neither the exit code nor standard error", async () => {
  const path = join(tempFolder(), "pod.yaml");
  writeFileSync(path, "apiVersion: v1\nkind: Pod\nmetadata: { name: x, namespace: tenant-acme }\n");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(__dirname, "../../lib/cli/main.ts"), "audit", path],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  child.stdout.destroy();
  const [errors] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect({ code: child.exitCode, errors }).toEqual({ code: 1, errors: "" });
}, 60_000);

test("any other fault of an output is thrown", () => {
  const stream = new PassThrough();
  outliveReader(stream);
  const fault = Object.assign(new Error("full"), { code: "ENOSPC" });
  expect(() => stream.emit("error", fault)).toThrow(fault);
});
