import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../lib/support/canonical-json";
import { SimulatedClock, systemClock } from "../../lib/support/clock";
import { isDigest, sha256 } from "../../lib/support/digest";
import { isDuration, parseDuration } from "../../lib/support/duration";
import { nearestWord } from "../../lib/support/nearest";
import { printable } from "../../lib/support/printable";
import { Problems, UsageError } from "../../lib/support/problem";
import { REDACTED, Secret } from "../../lib/support/secret";
import { markdownTable, textTable } from "../../lib/support/text-table";

describe("a secret", () => {
  const secret = Secret.of("hunter2-canary");

  test("prints as nothing, whichever way it is printed", () => {
    const forms = [
      String(secret),
      `${String(secret)}`,
      JSON.stringify({ secret }),
      inspect({ deep: [secret] }, { depth: null, showHidden: true }),
      ["", secret].join(""),
      Object.keys(secret).join(),
      JSON.stringify(structuredClone({ secret: { ...secret } })),
      inspect(new Error(`failed with ${String(secret)}`, { cause: secret })),
    ];
    expect(forms.join("\n")).not.toContain("canary");
    expect(forms.slice(0, 3)).toEqual([REDACTED, REDACTED, `{"secret":"${REDACTED}"}`]);
  });

  test("gives its value only when asked", () => {
    expect(secret.reveal()).toBe("hunter2-canary");
  });
});

describe("canonical JSON", () => {
  test("sorts keys by UTF-16 code units at every level, integers too (RFC 8785, section 3.2.3)", () => {
    const value = {
      "10": 1,
      "9": { b: 1, a: [{ d: 1, c: 2 }] },
      "-": 0,
      "\u20ac": 1,
      a: undefined,
    };
    expect(canonicalJson(value)).toBe('{"-":0,"10":1,"9":{"a":[{"c":2,"d":1}],"b":1},"\u20ac":1}');
  });

  test("is the same for equal values, and reads back as the value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        const back = JSON.parse(text) as unknown;
        expect(back).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(back)).toBe(text);
      }),
    );
  });

  test("asks toJSON, and sorts what it gives", () => {
    const at = new Date(0);
    expect(canonicalJson([at, Secret.of("x"), { toJSON: () => ({ b: 1, a: 2 }) }])).toBe(
      `["1970-01-01T00:00:00.000Z","${REDACTED}",{"a":2,"b":1}]`,
    );
  });

  test("keeps hostile keys as keys", () => {
    const value: unknown = JSON.parse('{"__proto__":{"b":1},"constructor":2}');
    expect(canonicalJson(value)).toBe('{"__proto__":{"b":1},"constructor":2}');
  });

  test.each([[NaN], [Infinity], [undefined], [() => 1], [Symbol("a")], [1n]])(
    "fails on %o",
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
      if (value !== undefined) expect(() => canonicalJson([{ a: value }])).toThrow(TypeError);
    },
  );
});

describe("a problem", () => {
  test("is a line with place, fault and mend", () => {
    const error = new UsageError("fleet file", [
      { path: "a.b", line: 3, message: "is wrong", mend: "mend it" },
      { path: "a", message: "is wrong" },
      { path: "", line: 4, message: "is wrong" },
      { path: "", message: "is wrong" },
    ]);
    expect(error.message).toBe(
      [
        "Invalid fleet file:",
        " - a.b (line 3): is wrong; mend it",
        " - a: is wrong",
        " - line 4: is wrong",
        " - is wrong",
      ].join("\n"),
    );
  });

  test("is thrown together with all others, or not at all", () => {
    const problems = new Problems();
    problems.throwIfAny("nothing");
    problems.add("a", "is wrong");
    problems.add("b", "is wrong", "mend it");
    expect(() => problems.throwIfAny("thing")).toThrow(
      new UsageError("thing", [
        { path: "a", message: "is wrong" },
        { path: "b", message: "is wrong", mend: "mend it" },
      ]),
    );
  });
});

describe("text for people", () => {
  test("printable text is ASCII, one line and short, and reads back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        fc.pre(text.length <= 80);
        expect(printable(text)).toMatch(/^"[\x20-\x7e]*"$/);
        expect(JSON.parse(printable(text))).toBe(text);
      }),
    );
    expect(printable("x".repeat(81))).toBe(`"${"x".repeat(80)}..."`);
  });

  test.each([
    ["replica", ["replicas", "region"], "replicas"],
    ["REGOIN", ["replicas", "region"], "region"],
    ["zzz", ["replicas", "region"], undefined],
    ["x".repeat(1_000_000), ["replicas"], undefined],
    ["", ["a"], "a"],
    ["a", [], undefined],
  ])("the nearest word to %.10s", (typed, words, nearest) => {
    expect(nearestWord(typed, words)).toBe(nearest);
  });

  test("a table has columns", () => {
    expect(textTable(["name", "n"], [["a", "1"], ["longer"]])).toBe("name    n\na       1\nlonger");
  });

  test("a table with a long cell has no long rows but that cell's", () => {
    const long = "x".repeat(1_000);
    const rows = textTable(
      ["a", "b"],
      [
        ["1", "2"],
        [long, "3"],
      ],
    ).split("\n");
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ["a", "b"],
      ["1", "2"],
      [long, "3"],
    ]);
    expect(rows.map(({ length }) => length)).toEqual([103, 103, 1_003]);
  });

  test("a table may have more rows than a function takes arguments", () => {
    const rows = Array.from({ length: 200_000 }, (_, row) => [String(row)]);
    expect(textTable(["row"], rows).split("\n")).toEqual(["row", ...rows.flat()]);
  });

  test("a Markdown table keeps its cells, whatever is in them", () => {
    expect(
      markdownTable(
        ["a", "b"],
        [
          ["x|y", "1\r\n2\r3"],
          ["\\|", "\\"],
        ],
      ),
    ).toBe(["| a | b |", "| --- | --- |", "| x\\|y | 1 2 3 |", "| \\\\\\| | \\\\ |"].join("\n"));
  });
});

describe("time", () => {
  test("a duration is a number and a unit", () => {
    expect(["90s", "15m", "24h", "7d"].map(parseDuration)).toEqual([
      90_000, 900_000, 86_400_000, 604_800_000,
    ]);
  });

  test.each(["", "0s", "-1m", "1.5h", "1w", "m", "1m1s", " 1m", "1m\n", "1e3s", "1000000s"])(
    "fails on %j",
    (text) => {
      expect(isDuration(text)).toBe(false);
      expect(() => parseDuration(text)).toThrow(RangeError);
    },
  );

  test("S8 a simulated clock moves when told, forward and back", () => {
    const clock = new SimulatedClock(new Date("2026-01-02T03:04:05Z"));
    clock.now().setFullYear(1970);
    clock.advance(1500);
    expect(clock.now().toISOString()).toBe("2026-01-02T03:04:06.500Z");
    clock.advance(-2000);
    expect(clock.now().toISOString()).toBe("2026-01-02T03:04:04.500Z");
    expect(systemClock.now()).toBeInstanceOf(Date);
  });
});

test("a digest is sha256 and lower-case", () => {
  const digest = sha256("");
  expect(digest).toBe("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(sha256(new Uint8Array())).toBe(digest);
  const others = [
    digest.toUpperCase(),
    `${digest}0`,
    `${digest}\n`,
    digest.replace("256", "512"),
    5,
  ];
  expect([digest, ...others].map(isDigest)).toEqual([true, ...others.map(() => false)]);
});
