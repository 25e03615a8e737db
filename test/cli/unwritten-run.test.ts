import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { unwrittenRun } from "../../lib/cli/unwritten-run";
import { SNAPSHOT_FILE } from "../../lib/report/snapshot";
import { tempFolder } from "../doubles/temp-folder";
import { atom, writeFleet } from "./atom";

let folder: string;

// The SDKs behind it take their time on a busy machine.
beforeAll(() => import("../../lib/simulation/simulate.js"));

beforeEach(() => {
  folder = tempFolder();
});

function failure(code: string, path?: string): Error {
  return Object.assign(new Error(code), { code, ...(path === undefined ? {} : { path }) });
}

const ELSEWHERE = "or name another folder with --out";

test.each([
  ["EACCES", "reports/G.3_health.json", `see that this user may write there, ${ELSEWHERE}`],
  ["EROFS", "docs", `see that this user may write there, ${ELSEWHERE}`],
  ["ENOSPC", "logs/G.3.1.log", `make room there, ${ELSEWHERE}`],
  ["ENOTDIR", ".atom/simulation/registry", `move away what has its name, ${ELSEWHERE}`],
])("%s of %s is told with the mend", (code, name, mend) => {
  const path = join(folder, name);
  expect(unwrittenRun(failure(code, path), folder)).toMatchObject({
    subject: "simulation",
    problems: [{ path, message: `cannot be written (${code}); the run is not whole`, mend }],
  });
});

test("a full disk that names no file is the folder's", () => {
  expect(unwrittenRun(failure("ENOSPC"), folder)).toMatchObject({ problems: [{ path: folder }] });
});

test.each([
  ["a file of the fleet that cannot be read", failure("EACCES", "/elsewhere/hosts.ini")],
  ["a port that is not to be had", failure("EACCES")],
  ["a bug", new Error("a bug")],
])("%s stays what it is", (_, error) => {
  expect(unwrittenRun(error, folder)).toBe(error);
});

test("atom simulate fails for a report that cannot be written, and leaves no snapshot of an earlier run", async () => {
  const snapshot = join(folder, "reports", SNAPSHOT_FILE);
  mkdirSync(dirname(snapshot));
  writeFileSync(snapshot, "{}");
  const report = join(folder, "reports/cluster_topology.json");
  mkdirSync(report);
  const argv = ["simulate", writeFleet(folder), "--out", folder, "--port", "0"];
  const { code, error } = await atom(argv);
  expect({ code, error: error.slice(error.indexOf("Invalid")) }).toEqual({
    code: 2,
    error: `Invalid simulation:\n - ${report}: cannot be written (EISDIR); the run is not whole; move away what has its name, ${ELSEWHERE}\n`,
  });
  expect(existsSync(snapshot)).toBe(false);
});

test("atom simulate fails for a folder without a name, such as a variable that is not set", async () => {
  const { code, error } = await atom(["simulate", writeFleet(folder), "--out", ""]);
  expect({ code, error }).toEqual({
    code: 2,
    error:
      "error: option '-o, --out <folder>' argument '' is invalid. a folder has a name; . is this one.\n",
  });
});
