import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { describe, expect, test } from "vitest";
import { readExposition } from "../../../lib/policy/scraping/exposition-format";
import type { ExpositionFormat } from "../../../lib/policy/scraping/exposition-format";

const faults = (body: string, format: ExpositionFormat = "text") =>
  readExposition(body, format).faults.map(({ line, message }) => `${line} ${message}`);

const LABEL_VALUES = fc.string({ unit: "binary", maxLength: 20 });

describe("readExposition", () => {
  test("reads what a client library writes, whatever is in the labels", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(LABEL_VALUES, { minLength: 1 }), async (values) => {
        const registry = new Registry();
        const registers = [registry];
        const labelNames = ["of"];
        const counter = new Counter({ name: "a_total", help: "A\n\\", labelNames, registers });
        const gauge = new Gauge({ name: "b", help: "B", labelNames, registers });
        const histogram = new Histogram({ name: "c", help: "C", buckets: [1, 5], registers });
        new Summary({ name: "d", help: "D", registers }).observe(1.5e300);
        histogram.observe(3);
        for (const of of values) {
          counter.inc({ of });
          gauge.set({ of }, Number.NEGATIVE_INFINITY);
        }
        const read = readExposition(await registry.metrics(), "text");
        expect(read.faults).toEqual([]);
        expect([...read.families].map(([name, { type }]) => [name, type])).toEqual([
          ["a_total", "counter"],
          ["b", "gauge"],
          ["c", "histogram"],
          ["d", "summary"],
        ]);
        const told = read.samples.filter(({ name }) => name === "a_total");
        expect(told.map(({ labels }) => labels[0]?.[1])).toEqual(values);
      }),
      { numRuns: 50 },
    );
  });

  test("reads OpenMetrics of the same library", async () => {
    const registry = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    const counter = new Counter({ name: "a_total", help: "A", registers: [registry] });
    counter.inc(2);
    const read = readExposition(await registry.metrics(), "openmetrics");
    expect({ ...read, samples: read.samples.length }).toMatchObject({ faults: [], samples: 1 });
    expect([...read.families]).toEqual([["a", { type: "counter", hasHelp: true, series: 1 }]]);
  });

  test.each([
    ["a 1\n", []],
    ['a{} 1\na{b="c",} 2 1700000000000\n', []],
    ["# a comment\n\na +Inf\n", []],
    ["a 1", ["1 does not end with a line feed"]],
    ["a\n", ["1 gives a a value that is no number"]],
    ["a one\n", ["1 gives a a value that is no number"]],
    ["a 1 2 3\n", ["1 gives a a value that is no number"]],
    ["1a 1\n", ["1 is no sample"]],
    ['a{b="c} 1\n', ["1 has labels of a that cannot be read"]],
    ['a{b="\\x"} 1\n', ["1 has labels of a that cannot be read"]],
    ['a{b="c" d="e"} 1\n', ["1 has labels of a that cannot be read"]],
    ['a{b="c",b="d"} 1\n', ["1 has a label of a twice"]],
    ['a{b="c",d="e"} 1\na{d="e",b="c"} 2\n', ["2 is a series of a that there was already"]],
    ['a 1\nb 1\na{c="d"} 1\n', ["3 is apart from the other lines of a"]],
    ["# HELP a A\n# HELP a A\n", ["2 is a second HELP of a"]],
    ["# TYPE a gauge\n# TYPE a gauge\n", ["2 is a second TYPE of a"]],
    ["a 1\n# TYPE a gauge\n", ["2 comes after samples of a"]],
    ["# TYPE a number\n", ["1 gives a a type that there is not"]],
    ["# TYPE\n", ["1 is neither HELP nor TYPE of a metric"]],
    ["<html>\n", ["1 is no sample"]],
  ])("of %j tells %j", (body, expected) => {
    expect(faults(body)).toEqual(expected);
  });

  test("wants the end of OpenMetrics, and no line of nobody's", () => {
    expect(faults("a 1\n# EOF\n", "openmetrics")).toEqual([]);
    expect(faults('a 1 # {trace="x"} 1\n# EOF\n', "openmetrics")).toEqual([]);
    expect(faults("a 1\n", "openmetrics")).toEqual(["1 is not the last line # EOF"]);
    expect(faults("# hello\n# EOF\n", "openmetrics")).toEqual([
      "1 is neither HELP nor TYPE of a metric",
    ]);
  });

  test("survives any text, quickly", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (body) => {
        for (const format of ["text", "openmetrics"] as const) readExposition(body, format);
      }),
    );
    const start = performance.now();
    readExposition(`a{b="${"\\\\".repeat(500_000)} 1\na{${" ".repeat(500_000)}\n`, "text");
    expect(performance.now() - start).toBeLessThan(500);
  });
});
