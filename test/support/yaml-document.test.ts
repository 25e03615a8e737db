import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { UsageError } from "../../lib/support/problem";
import { parseYamlDocument, readYamlDocument } from "../../lib/support/yaml-document";
import type { YamlLimits } from "../../lib/support/yaml-document";

const parse = (source: string | Uint8Array, limits?: YamlLimits) =>
  parseYamlDocument(source, "file", limits);

/** The error's lines without the heading. */
function problemsOf(source: string | Uint8Array, limits?: YamlLimits): string[] {
  try {
    parse(source, limits);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.split("\n").slice(1);
  }
  return [];
}

/** Plain data with ordinary prototypes, for comparing. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("values", () => {
  test("S10 reads the words of YAML 1.1 as YAML 1.2 does", () => {
    const text = [
      "words: [yes, no, on, off, y, n, 1:30, 2027-01-31, ~, true, False]",
      "numbers: [0o14, 0x1F, 1e3, -1.5, 0]",
      'quoted: ["0o14", "yes", !!str 12]',
    ].join("\n");
    expect(plain(parse(text).value)).toEqual({
      words: ["yes", "no", "on", "off", "y", "n", "1:30", "2027-01-31", null, true, false],
      numbers: [12, 31, 1000, -1.5, 0],
      quoted: ["0o14", "yes", "12"],
    });
  });

  test("gives objects without prototype", () => {
    const value = parse("a: { b: 1 }").value as Record<string, object>;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.getPrototypeOf(value.a)).toBeNull();
    expect("toString" in value).toBe(false);
  });

  test("resolves a few aliases, each to the last anchor before it", () => {
    expect(plain(parse("a: &x [1, &y 2]\nb: *x\nc: &x 3\nd: [*x, *y]").value)).toEqual({
      a: [1, 2],
      b: [1, 2],
      c: 3,
      d: [3, 2],
    });
  });

  test.each(["", "# nothing\n", "---\n", "~"])("reads %j as nothing", (text) => {
    expect(parse(text).value).toBeNull();
  });

  test("gives back what the library's own writer wrote", () => {
    const key = fc.string({ unit: "grapheme" }).filter((text) => !/[\p{Cs}\0\ufeff]/u.test(text));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        key,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const hostile = /"(__proto__|constructor|prototype|<<)":/.test(JSON.stringify(value));
        fc.pre(!hostile);
        const text = stringify(value, { aliasDuplicateObjects: false });
        expect(plain(parse(text).value)).toEqual(plain(value));
      }),
    );
  });

  test("throws nothing but a usage error, whatever the text", () => {
    const piece = fc.constantFrom(
      ..."abc01:-?[]{},&*!|>'\"%#@`\\ \n\t".split(""),
      "a: ",
      "- ",
      "\n  ",
      "---\n",
      "...\n",
      "&a ",
      "*a",
      "!!js ",
      "__proto__",
      "\ud800",
      "\u0000",
      "\ufeff",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        // No code of the library's own, and nothing that a terminal would not show.
        for (const problem of problemsOf(pieces.join(""))) {
          expect(problem).toMatch(/^(?!.*[A-Z]_[A-Z])[ -~]+$/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("lines", () => {
  const document = parse(
    [
      "# top",
      "a:",
      "  b: 1",
      "  list:",
      "    - x",
      "    - { y: 2 }",
      "again: &n",
      "  z: 3",
      "use: *n",
    ].join("\n"),
  );

  test.each<[(string | number)[], number]>([
    [[], 2],
    [["a"], 2],
    [["a", "b"], 3],
    [["a", "list"], 4],
    [["a", "list", 1], 6],
    [["a", "list", 1, "y"], 6],
    [["use"], 9],
    [["use", "z"], 8],
    // Not there: the nearest part that is.
    [["a", "missing", "deeper"], 2],
    [["a", "list", 7], 4],
    [["toString"], 2],
  ])("of %j is %i", (where, line) => {
    expect(document.lineOf(where)).toBe(line);
  });

  test("of an empty file are unknown", () => {
    expect(parse("").lineOf(["a"])).toBeUndefined();
  });
});

describe("S10 hostile files", () => {
  test.each<[string, string, string]>([
    [
      "a byte order mark",
      "\ufeffa: 1",
      " - line 1: the file begins with a byte order mark; save it as UTF-8 without BOM",
    ],
    [
      "a NUL",
      "a: 1\nb: x\0y",
      " - line 2: the character U+0000 is not allowed in YAML; remove it, or write it as an escape in a quoted string",
    ],
    [
      "a lone surrogate",
      'a: "\ud800"',
      " - line 1: the character U+D800 is not allowed in YAML; remove it, or write it as an escape in a quoted string",
    ],
    [
      "a bare carriage return",
      "a: 1\rb: 2",
      " - line 1: the character U+000D is not allowed in YAML; remove it, or write it as an escape in a quoted string",
    ],
    [
      "an escaped NUL",
      'a:\n  b: "x\\0y"',
      " - a.b (line 2): the text holds the character U+0000, which is not allowed",
    ],
    [
      "an escaped lone surrogate",
      'a: "\\udc00"',
      " - a (line 1): the text holds half a surrogate pair, U+DC00, which is not allowed",
    ],
    [
      "a tab in the indentation",
      "a:\n\tb: 1",
      " - line 2: a tab stands in the indentation; indent with spaces",
    ],
    [
      "a tab after a dash",
      "a:\n  -\tb: 1",
      " - line 2: a tab stands in the indentation; indent with spaces",
    ],
    [
      "a duplicate key",
      "a: 1\nb: 2\na: 3",
      " - a (line 3): the key stands here for the second time, after line 1",
    ],
    [
      "a duplicate key in a flow map",
      "t: { a: 1, a: 2 }",
      " - t.a (line 1): the key stands here for the second time, after line 1",
    ],
    [
      "one key in two spellings",
      'a: 1\n"\\x61": 2',
      " - a (line 2): the key stands here for the second time, after line 1",
    ],
    [
      "__proto__",
      "a:\n  __proto__: { b: 1 }",
      " - a.__proto__ (line 2): a key may not have this name",
    ],
    ["constructor", "constructor: 1", " - constructor (line 1): a key may not have this name"],
    ["prototype", '"prototype": 1', " - prototype (line 1): a key may not have this name"],
    [
      "a merge key",
      "a: &a { b: 1 }\nc:\n  <<: *a",
      ' - c["<<"] (line 3): merge keys are not part of YAML 1.2; write the values out',
    ],
    [
      "a !!js tag",
      "a: 1\nb: !!js/function 'x'",
      " - line 2: a tag such as '!name' or '!!js/function' is not allowed; remove the tag, and quote the value if it is text",
    ],
    [
      "a tag of one's own",
      "a: !vault x",
      " - line 1: a tag such as '!name' or '!!js/function' is not allowed; remove the tag, and quote the value if it is text",
    ],
    [
      "a binary",
      "a: !!binary aGk=",
      " - line 1: a tag such as '!name' or '!!js/function' is not allowed; remove the tag, and quote the value if it is text",
    ],
    [
      "YAML 1.1",
      "%YAML 1.1\n---\na: yes",
      " - line 1: a directive other than '%YAML 1.2' is not allowed; remove the line",
    ],
    [
      "a tag directive",
      "%TAG ! tag:yaml.org,2002:\n---\na: !str 1",
      " - line 1: a directive other than '%YAML 1.2' is not allowed; remove the line",
    ],
    [
      "two documents",
      "a: 1\n---\nb: 2",
      " - line 2: the file holds more than one document; remove the line '---' or '...', or make two files",
    ],
    [
      "a document after the end",
      "a: 1\n...\nb: 2",
      " - line 3: the file holds more than one document; remove the line '---' or '...', or make two files",
    ],
    [
      "a map as key",
      "? { a: 1 }\n: b",
      " - line 1: a key is no plain text; write a word before the colon",
    ],
    [
      "an octal look-alike",
      "a: 014",
      " - a (line 1): the number begins with a zero, which some readers take for octal; put it in quotes if it is text",
    ],
    [
      "a number too long",
      "a: 12345678901234567890",
      " - a (line 1): the number has more digits than can be kept; put it in quotes if it is text",
    ],
    [
      "infinity",
      "a: .inf",
      " - a (line 1): the number is not finite; put it in quotes if it is text",
    ],
    ["an unknown alias", "a: *b", ' - a (line 1): no anchor "b" stands before it'],
    [
      "an alias that holds itself",
      "a: &x { b: [*x] }",
      ' - a.b[0] (line 1): the alias "x" holds itself',
    ],
  ])("fails on %s", (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test("fails on bytes that are no UTF-8", () => {
    const problem = " - the file is not UTF-8; save it as UTF-8 without BOM";
    expect(problemsOf(Buffer.from("a: 1", "utf16le"))).toEqual([
      " - line 1: the character U+0000 is not allowed in YAML; remove it, or write it as an escape in a quoted string",
    ]);
    expect(problemsOf(Uint8Array.of(0x61, 0x3a, 0x20, 0xff))).toEqual([problem]);
    // A surrogate encoded as if it were a character (CESU-8).
    expect(problemsOf(Uint8Array.of(0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80))).toEqual([problem]);
  });

  test("fails on several faults at once, each with its line", () => {
    expect(problemsOf("a: 1\na: 2\n__proto__: 3\nb: 010")).toEqual([
      " - a (line 2): the key stands here for the second time, after line 1",
      " - __proto__ (line 3): a key may not have this name",
      " - b (line 4): the number begins with a zero, which some readers take for octal; put it in quotes if it is text",
    ]);
  });

  test("fails on a billion laughs", () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inside =
        level === 0
          ? '"lol"'
          : Array<string>(9)
              .fill(`*l${level - 1}`)
              .join(", ");
      return `l${level}: &l${level} [${inside}]`;
    });
    expect(problemsOf(levels.join("\n"))).toEqual([
      expect.stringMatching(/ the aliases stand for more than 10000 values; write the values out$/),
    ]);
  });

  // Recursion would need some 100,000 frames here; the test's own time limit is the other half.
  test.each<[string, string]>([
    ["flow lists", "[".repeat(100_000)],
    ["closed flow lists", "[".repeat(100_000) + "]".repeat(100_000)],
    ["flow maps", "{a: ".repeat(100_000)],
    ["dashes", "- ".repeat(100_000)],
    ["question marks", "? ".repeat(100_000)],
    ["explicit keys", "? a: ".repeat(50_000)],
    ["compact maps", "a: ".repeat(50_000)],
    ["indented maps", Array.from({ length: 1000 }, (_, n) => `${" ".repeat(n)}a:`).join("\n")],
  ])("fails on %s nested very deep", (_, text) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(/nests deeper than 64 levels$/)]);
  });

  test("reads 64 levels and fails on 65", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    expect(problemsOf(nested(64))).toEqual([]);
    expect(problemsOf(nested(65))).toEqual([" - line 1: the file nests deeper than 64 levels"]);
  });

  test("counts the levels behind an alias, too", () => {
    const nested = (levels: number, inner: string) =>
      "[".repeat(levels) + inner + "]".repeat(levels);
    const text = (levels: number) => `[&a ${nested(40, "1")}, ${nested(levels, "*a")}]`;
    expect(problemsOf(text(23))).toEqual([]);
    expect(problemsOf(text(24))).toEqual([
      expect.stringMatching(/ \(line 1\): nests deeper than 64 levels$/),
    ]);
  });

  test("fails on more bytes or values than allowed", () => {
    expect(problemsOf("a: 12345", { maxBytes: 7 })).toEqual([
      " - the file has 8 bytes; at most 7 are allowed",
    ]);
    expect(problemsOf("ä", { maxBytes: 1 })).toEqual([
      " - the file has 2 bytes; at most 1 are allowed",
    ]);
    expect(problemsOf("[1, 2, 3]", { maxValues: 2 })).toEqual([
      " - the file holds more than 2 values",
    ]);
  });

  test("reads 60,000 keys of one map without comparing each with each", () => {
    const text = Array.from({ length: 60_000 }, (_, n) => `k${n}: 1`).join("\n");
    expect(Object.keys(parse(text).value as object)).toHaveLength(60_000);
  });
});

describe("files", () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "atom-yaml-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function failure(file: string): string {
    try {
      readYamlDocument(file, "fleet file");
    } catch (error) {
      if (error instanceof UsageError) return error.message.replaceAll(folder, "");
      throw error;
    }
    return "";
  }

  test("reads one", () => {
    const file = path.join(folder, "a.yaml");
    fs.writeFileSync(file, "a: 1\n");
    expect(plain(readYamlDocument(file, "fleet file").value)).toEqual({ a: 1 });
  });

  test("fails on a file that is not there, and on a folder", () => {
    expect(failure(path.join(folder, "none"))).toBe(
      "Invalid fleet file /none:\n - there is no such file",
    );
    expect(failure(folder)).toBe("Invalid fleet file :\n - this is no regular file");
  });

  test("S10 fails on 50 MB without reading them", () => {
    const file = path.join(folder, "big.yaml");
    fs.writeFileSync(file, "");
    fs.truncateSync(file, 50_000_000);
    expect(failure(file)).toBe(
      "Invalid fleet file /big.yaml:\n - the file has 50000000 bytes; at most 1048576 are allowed",
    );
  });

  test.runIf(process.platform === "linux")("fails on a named pipe at once", () => {
    const file = path.join(folder, "pipe");
    execFileSync("mkfifo", [file]);
    expect(failure(file)).toBe("Invalid fleet file /pipe:\n - this is no regular file");
  });
});
