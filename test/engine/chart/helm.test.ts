import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { helmValuesOf, renderHelmValues } from "../../../lib/chart/helm-values";
import { packageChart } from "../../../lib/chart/package";
import { renderChart } from "../../../lib/chart/render";
import { tenantChartInput } from "../../../lib/fleet/tenant-chart";
import { UsageError } from "../../../lib/support/problem";
import { mapBounded } from "../../../lib/support/map-bounded";
import { FAULTS, faultyDocument, goodDocument, helmDocument } from "../../chart/helm-documents";
import { exampleInputs } from "../../example-fleet";
import { resolveToolchain } from "../toolchain/resolve";
import { HelmChart, sorted } from "./helm";
import type { Rendered } from "./helm";

const AT_ONCE = 2;
const VALUE_SETS = 500;

let chart: HelmChart;
beforeAll(async () => {
  const tools = await resolveToolchain({ parts: ["helm"] });
  chart = new HelmChart(tools.path("helm"));
});
afterAll(() => chart.remove());

/** What this library makes of a document, as Helm's output is read. */
function inProcess(document: unknown): Rendered {
  try {
    return { objects: sorted(renderHelmValues(document)) };
  } catch (error) {
    if (error instanceof UsageError) return { refused: error.message };
    throw error;
  }
}

describe("helm template and the render in process", () => {
  test("make the same of a document that uses everything", async () => {
    expect(await chart.template(goodDocument)).toEqual(inProcess(goodDocument));
  });

  test("make the same of every tenant of the example fleet, in each of its regions", async () => {
    const { fleet, images } = await exampleInputs();
    for (const { name: tenant, regions } of fleet.tenants) {
      for (const region of regions) {
        const input = tenantChartInput(fleet, images, { tenant, region });
        const objects = sorted(renderChart(input));
        expect(await chart.template(helmValuesOf(input))).toEqual({ objects });
        expect(inProcess(helmValuesOf(input))).toEqual({ objects });
      }
    }
  });

  test(`make the same of ${VALUE_SETS} random documents, or both refuse one`, async () => {
    const documents = fc.sample(helmDocument, { numRuns: VALUE_SETS, seed: 7 });
    const results = await mapBounded(documents, AT_ONCE, async (document) => {
      const [ours, theirs] = [inProcess(document), await chart.template(document)];
      if ("refused" in ours && "refused" in theirs) return "refused";
      expect(theirs, JSON.stringify(document)).toEqual(ours);
      return "equal";
    });
    // Neither may be the exception.
    const equal = results.filter((result) => result === "equal").length;
    expect(equal).toBeGreaterThan(VALUE_SETS / 2);
    expect(equal).toBeLessThan(VALUE_SETS);
  });

  test.each(Object.keys(FAULTS))("both refuse %s", async (fault) => {
    const document = faultyDocument(fault);
    expect(inProcess(document)).toEqual({ refused: expect.any(String) as string });
    const theirs = await chart.template(document);
    expect(theirs).toEqual({ refused: expect.any(String) as string });
  });
});

test("Helm names a key that is not allowed, and where it stands", async () => {
  const { reports } = goodDocument.services;
  const env = { "A B": "1", PORT: "1" };
  const document = {
    ...goodDocument,
    services: { operator: reports, reports: { ...(reports as object), env } },
  };
  const { refused } = (await chart.template(document)) as { refused: string };
  // In the order of a map in Go.
  expect(refused.match(/at '.*/g)?.sort()).toEqual([
    "at '/services/operator': false schema",
    "at '/services/reports/env': additional properties 'A B' not allowed",
    "at '/services/reports/env': validation failed",
    "at '/services/reports/env/PORT': false schema",
  ]);
});

test("passes helm lint --strict with the values that it brings along", async () => {
  const { files } = packageChart();
  const { text } = files.find(({ name }) => name === "ci/default-values.yaml")!;
  const { code, stdout } = await chart.run(["lint", "--strict", chart.archive], parse(text));
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining("1 chart(s) linted, 0 chart(s) failed") as string,
  });
});
