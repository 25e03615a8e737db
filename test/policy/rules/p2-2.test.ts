import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule2 } from "../../../lib/policy/rules/p2-2";
import { signImage } from "../../../lib/signing/image-signature";
import type { SignatureRecord } from "../../../lib/signing/signature";
import { sha256 } from "../../../lib/support/digest";
import { ACME, CHART_DIGEST, CHART_KEY, CHART_REPOSITORY } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

const REFERENCE = `${CHART_REPOSITORY}@${CHART_DIGEST}`;
const OBJECT = "chart tenant-acme";

const withReference = (reference: unknown) =>
  graphWith(({ charts }) => (charts[0]!.reference = reference as string));
const withSignatures = (signatures: unknown) =>
  graphWith(({ charts }) => (charts[0]!.signatures = signatures as SignatureRecord[]));

describe("P2-2", () => {
  test("looks at each chart", () => {
    expectPass(p2Rule2, [{ scope: ACME, examined: 1 }]);
  });

  test.each([`oci://${REFERENCE}`, REFERENCE.replace("@", ":1.0.0@")])("takes %s", (reference) => {
    expect(findingsOf(withReference(reference), p2Rule2)).toEqual([]);
  });

  test("takes one good signature among bad ones", () => {
    const foreign = signImage({ repository: "evil.example/x", digest: CHART_DIGEST }, CHART_KEY);
    const graph = graphWith(({ charts }) => charts[0]!.signatures.unshift(foreign));
    expect(findingsOf(graph, p2Rule2)).toEqual([]);
  });

  test.each([
    `${CHART_REPOSITORY}:1.0.0`,
    "https://charts.example/services-1.0.0.tgz",
    "./chart",
    REFERENCE.toUpperCase(),
    `services@${CHART_DIGEST}`,
    `registry.example/..@${CHART_DIGEST}`,
    "",
  ])("fails for the reference %j", (reference) => {
    expect(findingsOf(withReference(reference), p2Rule2)).toMatchObject([
      { object: OBJECT, field: "reference", cause: "violation" },
    ]);
  });

  test("fails for a chart without a signature", () => {
    expectFindings(withSignatures([]), p2Rule2, [
      { object: OBJECT, field: "signatures", message: "the chart carries no signature" },
    ]);
  });

  test.each([
    [
      "another repository",
      { repository: "registry.atom.example:5000/atom/other", digest: CHART_DIGEST },
    ],
    ["another digest", { repository: CHART_REPOSITORY, digest: sha256("another") }],
  ])("fails for a signature of %s", (_, image) => {
    expectFindings(withSignatures([signImage(image, CHART_KEY)]), p2Rule2, [
      { object: OBJECT, field: "signatures", message: `none of 1 signatures names ${REFERENCE}` },
    ]);
  });

  test("fails for a foreign payload under the chart's name", () => {
    const foreign = signImage({ repository: "evil.example/x", digest: CHART_DIGEST }, CHART_KEY);
    const renamed = { ...foreign, repository: CHART_REPOSITORY };
    expectFindings(withSignatures([renamed]), p2Rule2, [
      { object: OBJECT, field: "signatures", message: `none of 1 signatures names ${REFERENCE}` },
    ]);
  });

  test("fails for a declared tenant whose workloads came without a chart", () => {
    const graph = graphWith((content) => {
      content.charts = [];
      content.releases = [];
    });
    expectFindings(graph, p2Rule2, [
      {
        object: "tenant acme",
        message: "has workloads and no chart, so nothing of it can be signed",
      },
    ]);
  });

  test("has nothing to say on a tenant without workloads, nor on one nobody declared", () => {
    const bare = graphWith((content) => {
      content.charts = [];
      content.objects = [];
    });
    const undeclared = graphWith((content) => {
      content.charts = [];
      content.tenants = [];
    });
    expect(findingsOf(bare, p2Rule2)).toEqual([]);
    expect(findingsOf(undeclared, p2Rule2)).toEqual([]);
  });

  test.each([
    ["reference", withReference(UNKNOWN)],
    ["signatures", withSignatures(UNKNOWN)],
  ])("S6 fails for an unknown %s", (field, graph) => {
    expect(findingsOf(graph, p2Rule2)).toMatchObject([{ field, cause: "undecided" }]);
  });

  test.each(HOSTILE)("fails, and does not crash, for %s", (value) => {
    expect(findingsOf(withReference(value), p2Rule2)).toHaveLength(1);
    expect(findingsOf(withSignatures(value), p2Rule2)).toHaveLength(1);
    expect(findingsOf(withSignatures([value]), p2Rule2)).toHaveLength(1);
  });
});
