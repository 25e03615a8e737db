import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { partsNamed } from "../engine/toolchain/parts";
import { missingPrerequisites } from "../engine/toolchain/prerequisites";
import { writeProgram } from "./sample-part";

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

const missingFor = (...names: string[]) =>
  missingPrerequisites(partsNamed(names), { PATH: folder });

test("each program that parts are made with is named once, with its mend", async () => {
  expect(await missingFor()).toEqual([
    {
      path: "go",
      message: "is not on PATH; 1.26 or later is needed",
      mend: "install Go and put it on PATH",
    },
    {
      path: "python3",
      message: "is not on PATH; 3.11 or later is needed",
      mend: "install Python with its venv module and put it on PATH",
    },
    {
      path: "npm",
      message: "is not on PATH; 9.0 or later is needed",
      mend: "install Node with npm and put it on PATH",
    },
  ]);
});

test("only what the parts need is asked for", async () => {
  expect(await missingPrerequisites([], { PATH: folder })).toEqual([]);
  expect((await missingFor("bao")).map(({ path }) => path)).toEqual(["python3"]);
  expect((await missingFor("kubernetes-schemas")).map(({ path }) => path)).toEqual(["python3"]);
  expect((await missingFor("kwok-stages", "etcd")).map(({ path }) => path)).toEqual(["go"]);
});

test.each([
  ["go version go1.26.0 linux/amd64", []],
  ["go version go1.27.1 linux/amd64", []],
  ["go version go2.0.0 linux/amd64", []],
  ["go version go1.25.9 linux/amd64", ["is 1.25.9; 1.26 or later is needed"]],
  ["gofish", ["is of no known version; 1.26 or later is needed"]],
])("of a Go that says '%s', what is wrong is %j", async (line, messages) => {
  writeProgram(join(folder, "go"), line);
  expect((await missingFor("etcd")).map(({ message }) => message)).toEqual(messages);
});
