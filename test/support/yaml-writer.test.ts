import { deepStrictEqual } from "node:assert";

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

import { renderChart } from "../../lib/chart/render";
import { toYaml, yamlDocument } from "../../lib/support/yaml-writer";
import { NASTY, chartInput } from "../chart/fixture";

// Compared by deepStrictEqual: vitest takes the key "constructor" for an object's class.
const VERSIONS = ["1.1", "1.2"] as const;

function readBack(yaml: string, version: (typeof VERSIONS)[number]): unknown[] {
  return [...parseAllDocuments(yaml, { version })].map((document) => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
    return document.toJS() as unknown;
  });
}

const text = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.stringMatching(/^[-+0-9.:_eExobtTZ]{0,12}$/),
  fc.array(fc.string({ unit: "grapheme-ascii" })).map((lines) => lines.join("\n")),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
  fc.constantFrom(1e21, 1e-7, -1.5e300, 0.1),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe.each(VERSIONS)("a reader of YAML %s", (version) => {
  test.each(NASTY)("S10 reads %j back as that text: value, key and item", (word) => {
    const object = { value: word, nested: { [word]: [word, [word], { [word]: word }] } };
    deepStrictEqual(readBack(toYaml([object]), version), [object]);
  });

  test("reads any JSON back as it was", () => {
    fc.assert(
      fc.property(fc.array(json, { minLength: 1, maxLength: 3 }), (objects) => {
        deepStrictEqual(readBack(toYaml(objects), version), objects);
      }),
      { numRuns: 400 },
    );
  });

  test("V9 S10 reads a text of 1 MB back", () => {
    const object = { lines: "a line of text\n".repeat(70_000), one: "\u00e9x ".repeat(350_000) };
    deepStrictEqual(readBack(toYaml([object]), version), [object]);
  });

  test("reads a rendered chart back", () => {
    const env = Object.fromEntries(NASTY.map((word, index) => [`VALUE_${index}`, word]));
    const objects = renderChart(
      chartInput({ services: { api: { env, secrets: ["database", "mail/smtp"] } } }),
    );
    deepStrictEqual(readBack(toYaml(objects), version), objects);
  });
});

describe("toYaml", () => {
  test("prints ordinary objects the way people write them", () => {
    expect(
      toYaml([
        { kind: "Service", metadata: { name: "api", labels: {} }, ports: [{ port: 80, ok: true }] },
        { list: [[1, 2], []], text: "- a: b\n  c: d\n", quantity: "1.5Gi" },
      ]),
    ).toBe(`---
kind: Service
metadata:
  labels: {}
  name: api
ports:
  - ok: true
    port: 80
---
list:
  - - 1
    - 2
  - []
quantity: "1.5Gi"
text: |
  - a: b
    c: d
`);
  });

  test("escapes what YAML 1.1 takes for a line break or refuses", () => {
    expect(yamlDocument("\u0007\u007f\u0085\u00a0\u2028\u2029\ufeff\ufffe\uffff\u00fc")).toBe(
      '"\\u0007\\u007f\\u0085\\u00a0\\u2028\\u2029\\ufeff\\ufffe\\uffff\u00fc"\n',
    );
  });

  test("gives equal objects equal bytes", () => {
    expect(toYaml([{ b: 1, a: { d: 2, c: 3 } }])).toBe(toYaml([{ a: { c: 3, d: 2 }, b: 1 }]));
  });

  test("writes a document of a single value", () => {
    expect(
      ["1e3", "a\nb\n", null, [], 3].map((value) => parse(yamlDocument(value)) as unknown),
    ).toEqual(["1e3", "a\nb\n", null, [], 3]);
  });

  test.each([
    ["half a surrogate pair", "\ud800x"],
    ["a number that JSON cannot hold", Number.NaN],
    ["a function", () => 1],
    ["a key of 600 characters", { ["k".repeat(600)]: 1 }],
  ])("fails on %s", (_what, value) => {
    expect(() => toYaml([{ value }])).toThrow(TypeError);
  });
});
