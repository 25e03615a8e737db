import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonLinesOf } from "../../lib/support/json-lines";
import { parseYamlDocument } from "../../lib/support/yaml-document";

const TEXT = `{
  "kind": "Pod",
  "spec": {
    "containers": [
      { "name": "a \\"} b", "ports": [] },
      {
        "name": "c"
      }
    ], "\\u0061": 1
  }
}
`;

describe("jsonLinesOf", () => {
  test.each([
    [[], 1, 11],
    [["kind"], 2, 2],
    [["spec", "containers"], 4, 9],
    [["spec", "containers", 1], 6, 8],
    [["spec", "containers", 0, "ports"], 5, 5],
    [["spec", "a"], 9, 9],
    [["spec", "containers", 1, "image", "x"], 6, 6],
    [["spec", "containers", 7], 4, 4],
    [["nothing"], 1, 1],
    [["kind", "x"], 2, 2],
  ])("finds %j from line %d to %d", (path, first, last) => {
    expect(jsonLinesOf(TEXT, [path])).toEqual([{ first, last }]);
  });

  test("finds several in one pass, also the same one twice", () => {
    const paths = [["spec"], ["kind"], ["spec"]];
    const spec = { first: 3, last: 10 };
    expect(jsonLinesOf(TEXT, paths)).toEqual([spec, { first: 2, last: 2 }, spec]);
  });

  test("comes to what the reader of YAML comes to, for any JSON", () => {
    const key = fc.string({ minLength: 1, unit: fc.constantFrom(...'ab"\\{}[],:\n') });
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom(0, -1.5, true, null, "", "}", '"', "\\"),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(key, tie("any"), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).any;
    const property = fc.property(value, fc.constantFrom(undefined, 1, 2), (document, indent) => {
      const text = JSON.stringify({ document }, null, indent);
      const paths = pathsOf({ document }).flatMap((path) => [path, [...path, "no"], [...path, 99]]);
      const yaml = parseYamlDocument(text, "file");
      expect(jsonLinesOf(text, paths)).toEqual(paths.map((path) => yaml.linesOf(path)));
    });
    fc.assert(property, { numRuns: 200 });
  });
});

function pathsOf(value: unknown): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [[]];
  const inside = Object.entries(value).flatMap(([key, member]) =>
    pathsOf(member).map((path) => [Array.isArray(value) ? Number(key) : key, ...path]),
  );
  return [[], ...inside];
}
