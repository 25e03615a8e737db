import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p4Rule7 } from "../../../lib/policy/rules/p4-7";
import { PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

const METRICS = "metrics of daemons";

const answering = (fields: object) =>
  graphWith(({ metrics }) => Object.assign(metrics[0]!, fields));

function bodyFaults(body: string, fields: object = {}): string[] {
  const findings = findingsOf(answering({ body, ...fields }), p4Rule7);
  return findings.map(({ field, message }) => (field === "body" ? message : `${field} ${message}`));
}

/** A gauge with one series for each line of labels. */
const gauge = (...labels: readonly string[]) =>
  `# HELP a A\n# TYPE a gauge\n${labels.map((each) => `a{${each}} 1\n`).join("")}`;

const OPEN = { contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8" };

describe("P4-7", () => {
  test("looks at each daemon's answer", () => {
    expectPass(p4Rule7, [{ scope: PLATFORM, examined: 1 }]);
  });

  test.each([
    [{ status: undefined }, "status", "nothing answered"],
    [{ status: 404 }, "status", "is 404; allowed is 200"],
    [
      { contentType: "text/html" },
      "contentType",
      'is "text/html"; allowed are text/plain; version=0.0.4 and application/openmetrics-text',
    ],
    [
      { contentType: "text/plain" },
      "contentType",
      'is "text/plain"; allowed are text/plain; version=0.0.4 and application/openmetrics-text',
    ],
    [{ body: "" }, "body", "has no sample"],
  ])("fails for %j", (fields, field, message) => {
    expectFindings(answering(fields), p4Rule7, [
      { object: METRICS, field, message, scope: PLATFORM },
    ]);
  });

  test.each([
    ["# TYPE a gauge\na 1\n", ["a has no HELP"]],
    ["# HELP a A\na 1\n", ["a has no TYPE"]],
    ["# HELP a A\n# TYPE a counter\na 1\n", ["a is a counter and does not end in _total"]],
    [
      "# HELP a_total A\n# TYPE a_total gauge\na_total 1\n",
      ["a_total is a gauge and ends in _total"],
    ],
    ["# HELP a A\n# HELP a A\n# TYPE a gauge\na 1\n", ["line 2 is a second HELP of a"]],
    [
      "# HELP a A\n# TYPE a gauge\na one\n",
      ["line 3 gives a a value that is no number", "has no sample"],
    ],
  ])("of %j tells %j", (body, faults) => {
    expect(bodyFaults(body)).toEqual(faults);
  });

  test("takes a counter of OpenMetrics, whose samples have the ending", () => {
    const body = "# HELP a A\n# TYPE a counter\na_total 1\n# EOF\n";
    expect(bodyFaults(body, OPEN)).toEqual([]);
    const named = body.replace("TYPE a ", "TYPE a_total ").replace("HELP a ", "HELP a_total ");
    expect(bodyFaults(named, OPEN)).toEqual(["a_total is a counter and ends in _total"]);
    expect(bodyFaults(body.replace("a_total 1", "a 1"), OPEN)).toEqual([]);
  });

  test.each([
    ['token="x"', "label token of a is called like a secret"],
    ['db_password="x"', "label db_password of a is called like a secret"],
    ['accessKey="x"', "label accessKey of a is called like a secret"],
    ['of="hvs.CAESIJlWh7eNxsBEKm3GkMzsm3"', "label of of a looks like a secret"],
    ['of="postgres://u:p@db/x"', "label of of a looks like a secret"],
    ['of="postgres://u:p%40ss%2Fw@db/x"', "label of of a looks like a secret"],
    ['of="-----BEGIN PRIVATE KEY-----\\nMIIE"', "label of of a looks like a secret"],
    ['of="eyJhbGciOiJub25l.eyJzdWIiOiIx."', "label of of a looks like a secret"],
    [
      'of="1b4e28ba-2fa1-11d2-883f-0016d3cca427"',
      "label of of a has a UUID in it, of which there is no end",
    ],
  ])("fails for the label %s, once and without its value", (label, fault) => {
    expect(bodyFaults(gauge(`${label},n="1"`, `${label},n="2"`))).toEqual([fault]);
  });

  test("takes a digest, a name and a number for no secret", () => {
    const digest = `digest="sha256:${"ab".repeat(32)}"`;
    expect(bodyFaults(gauge(digest, 'image="ghcr.io/atom/api:7.2.0"', 'token_count="12"'))).toEqual(
      [],
    );
  });

  test("fails for a metric, and for a body, without an end", () => {
    const many = (count: number) => gauge(...Array.from({ length: count }, (_, at) => `n="${at}"`));
    expect(bodyFaults(many(1_000))).toEqual([]);
    expect(bodyFaults(many(1_001))).toEqual(["a has 1001 series; at most 1000 are allowed"]);
    expect(bodyFaults(many(10_001))).toEqual([
      "has 10001 samples; at most 10000 are allowed",
      "a has 10001 series; at most 1000 are allowed",
    ]);
    expect(bodyFaults("a".repeat(11 * 1024 * 1024))).toEqual([
      "is no text of at most 10485760 bytes",
    ]);
  });

  test("tells ten faults of many", () => {
    const faults = bodyFaults("<p>\n".repeat(50));
    expect([faults.length, faults.at(-1)]).toEqual([11, "has 41 more faults"]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const field of ["status", "contentType", "body"]) {
      const findings = findingsOf(answering({ [field]: UNKNOWN }), p4Rule7);
      expect(findings).toMatchObject([{ cause: "undecided" }]);
    }
  });

  test.each(HOSTILE)("fails, and does not crash, for %s", (value) => {
    for (const field of ["status", "contentType", "body"]) {
      const causes = findingsOf(answering({ [field]: value }), p4Rule7).map(({ cause }) => cause);
      expect(causes.length).toBeGreaterThan(0);
      expect(causes).not.toContain("error");
    }
  });
});
