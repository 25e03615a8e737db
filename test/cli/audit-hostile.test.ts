import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { tempFolder } from "../doubles/temp-folder";
import { atom } from "./atom";

const HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x, namespace: tenant-acme }\n";

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

/** A user's mistake is told in a few lines: no report, no stack, nothing of what the file holds. */
async function expectRefused(path: string, words: string, input?: string) {
  const before = Object.getOwnPropertyNames(Object.prototype);
  const { code, out, error } = await atom(["audit", path], input === undefined ? {} : { input });
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(error).toContain(words);
  expect(error).not.toMatch(/^ {4}at /m);
  expect(error.length).toBeLessThan(600);
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
}

const repeated = (text: string, times: number) => text.repeat(times);

describe("S10 a document that attacks its reader ends in one clear error", () => {
  test.each<[string, string, () => string, string]>([
    [
      "maps whose aliases multiply",
      "yaml",
      () => {
        const letters = [..."abcdefghijklmnopqrstuvwxyz"];
        const line = (to: string, from: string) => `${to}: &${to} { x: *${from}, y: *${from} }\n`;
        return `${HEAD}a: &a { x: 1 }\n${letters
          .slice(1)
          .map((to, at) => line(to, letters[at]!))
          .join("")}`;
      },
      "the aliases stand for more than 10000 values",
    ],
    ["an anchor that holds itself", "yaml", () => `${HEAD}data: &d { self: *d }\n`, "holds itself"],
    [
      "50 MB of keys",
      "yaml",
      () =>
        `${HEAD}data:\n${Array.from({ length: 900_000 }, (_, key) => `  key-${key}: ${"v".repeat(40)}\n`).join("")}`,
      "the document holds more than 2500000 words and signs",
    ],
    ["50 MB of lists in JSON", "json", () => `[${repeated("[],", 17_000_000)}[]]`, "values"],
    [
      "10,000 levels of blocks",
      "yaml",
      () => repeated("- ", 10_000),
      "line 1: the file nests deeper than 200 levels",
    ],
    [
      "10,000 levels of maps in JSON",
      "json",
      () => `${repeated('{"a":', 10_000)}1${repeated("}", 10_000)}`,
      "nests deeper than 200 levels",
    ],
    [
      "a key twice in two spellings",
      "json",
      () => '{"kind":"Pod","\\u006bind":"Node"}',
      "line 1: a key stands in one object for the second time",
    ],
    ...["__proto__", "constructor", "prototype"].flatMap(
      (key): [string, string, () => string, string][] => [
        [
          `the key ${key}`,
          "yaml",
          () => `${HEAD}data:\n  ${key}: { polluted: yes }\n`,
          `data.${key} (line 5): a key may not have this name`,
        ],
        [
          `the key ${key} in JSON`,
          "json",
          () => `{"kind":"ConfigMap",\n"data":{"${key}":{"polluted":true}}}`,
          `data.${key} (line 2): a key may not have this name`,
        ],
      ],
    ),
    [
      "an escaped NUL",
      "yaml",
      () => `${HEAD}data: { a: "x\\0y" }\n`,
      "data.a (line 4): the text holds the character U+0000",
    ],
    [
      "an escaped NUL in JSON",
      "json",
      () => '{"kind":"\\u0000"}',
      "kind (line 1): the text holds the character U+0000",
    ],
    ["a NUL in JSON", "json", () => '{"kind":"\0"}', "is no whole JSON"],
    [
      "half a surrogate pair in JSON",
      "json",
      () => '{"kind":"\\ud800"}',
      "kind (line 1): the text holds half a surrogate pair",
    ],
    [
      "100,000 documents",
      "yaml",
      () => repeated("---\nkind: Pod\n", 100_000),
      "holds over 50000 documents",
    ],
    ["100,000 ends of documents", "yaml", () => repeated("...\n", 100_000), "Invalid manifest"],
    ["a million comments", "yaml", () => repeated("#\n", 1_000_000), "holds no Kubernetes object"],
    ["10 MB of blanks", "yaml", () => repeated(" ", 10_000_000), "holds no Kubernetes object"],
    [
      "a key of 10 MB",
      "yaml",
      () => `${repeated("x", 10_000_000)}: 1\n`,
      "line 1: a key is longer than",
    ],
    ["4 MB of open brackets", "json", () => repeated("[", 4_000_000), "is no whole JSON"],
    [
      "a merge key",
      "yaml",
      () => `${HEAD}a: &a { x: 1 }\nb: { <<: *a }\n`,
      'b["<<"] (line 5): merge keys are not part of YAML 1.2',
    ],
    ...[
      "!!js/function 'function () {}'",
      "!!python/object/apply:os.system ['id']",
      "!!binary aGk=",
      "!x y",
    ].map((value): [string, string, () => string, string] => [
      `the tag ${value.split(" ")[0]}`,
      "yaml",
      () => `${HEAD}a: ${value}\n`,
      "line 4: a tag such as",
    ]),
    [
      "a tag of one's own",
      "yaml",
      () => `%TAG ! tag:x,2000:\n---\n${HEAD}`,
      "line 1: a directive other than",
    ],
    ...["1e999", "-.inf", ".nan"].map((value): [string, string, () => string, string] => [
      `the number ${value}`,
      "yaml",
      () => `${HEAD}a: ${value}\n`,
      "a (line 4): the number is not finite",
    ]),
    [
      "the number 1e999 in JSON",
      "json",
      () => '{"kind":"Pod",\n"a":[1,1e999]}',
      "a[1] (line 2): the number is not finite",
    ],
    [
      "a number of a million digits",
      "json",
      () => `{"a":${repeated("9", 1_000_000)}}`,
      "a (line 1): the number is not finite",
    ],
    [
      "200,000 objects in a list",
      "json",
      () => `{"kind":"List","items":[${repeated("{},", 200_000)}{}]}`,
      "holds over 100000 objects",
    ],
  ])("%s (.%s)", { timeout: 60_000 }, async (_, extension, make, words) => {
    const text = make();
    const path = join(folder, `hostile.${extension}`);
    writeFileSync(path, text);
    await expectRefused(path, words);
    // Without a name that ends in .json, half a JSON text is tried as YAML.
    if (extension === "yaml" && text.length < 2_000_000) await expectRefused("-", words, text);
  });

  test.each<[string, Buffer]>([
    ["Latin-1", Buffer.from(`${HEAD}data: { a: \u00e9 }\n`, "latin1")],
    ["UTF-16", Buffer.from(`\ufeff${HEAD}`, "utf16le")],
    ["an overlong NUL", Buffer.from([0x61, 0x3a, 0x20, 0xc0, 0x80])],
  ])("bytes that are %s", async (_, bytes) => {
    const path = join(folder, "bytes.yaml");
    writeFileSync(path, bytes);
    await expectRefused(path, "the file is not UTF-8");
  });

  test("a file too big to be read", async () => {
    const path = join(folder, "big.json");
    writeFileSync(path, Buffer.alloc(64 * 1024 * 1024 + 1, " "));
    await expectRefused(path, "has over 67108864 bytes");
  });
});

describe("a path that is no file", () => {
  test("fails for a link to itself", async () => {
    const path = join(folder, "loop.yaml");
    symlinkSync(path, path);
    await expectRefused(path, "cannot be read (ELOOP)");
  });

  test("fails for a link to nowhere", async () => {
    const path = join(folder, "link.yaml");
    symlinkSync(join(folder, "nowhere"), path);
    await expectRefused(path, "is not there");
  });

  test("fails for a pipe and a device without reading them", async () => {
    const path = join(folder, "pipe.yaml");
    execFileSync("mkfifo", [path]);
    await expectRefused(path, "is neither a file nor a folder");
    await expectRefused("/dev/zero", "is neither a file nor a folder");
  });

  test("fails for a folder of nothing but a pipe and links that lead around", async () => {
    execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
    symlinkSync(folder, join(folder, "around"));
    mkdirSync(join(folder, "folder.yaml"));
    await expectRefused(folder, "holds no .yaml, .yml or .json file");
  });
});

describe("what is big and harmless", () => {
  test("passes the reader: a text of 10 MB in one line", async () => {
    const path = join(folder, "long.yaml");
    writeFileSync(path, `${HEAD}data: { a: ${repeated("x", 10_000_000)} }\n`);
    expect(await atom(["audit", path])).toMatchObject({
      code: 0,
      error: "reading 9.5 MiB of manifests …\n",
    });
  });
});
