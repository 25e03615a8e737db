import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatAudit } from "../../lib/report/audit-format";
import { smallReport } from "./small-report";

interface Log {
  readonly runs: readonly [{ readonly results: readonly Result[]; readonly tool: unknown }];
}
interface Result {
  readonly ruleId: string;
  readonly properties: { readonly cause: string };
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly locations: readonly Readonly<Record<string, unknown>>[];
  readonly relatedLocations?: readonly unknown[];
}

const logOf = (changes: Parameters<typeof smallReport>[0] = {}) =>
  JSON.parse([...formatAudit(smallReport(changes), "sarif")].join("")) as Log;
const resultsOf = (changes: Parameters<typeof smallReport>[0] = {}) =>
  logOf(changes).runs[0].results;
const SOURCE = { uri: "manifests/a%20b.yaml", uriBaseId: "%SRCROOT%" };

describe("an audit as SARIF", () => {
  test("describes each rule once, with its level, its score and how to mend it", () => {
    expect(logOf()).toMatchObject({
      $schema: expect.stringMatching(/sarif-schema-2\.1\.0\.json$/) as string,
      version: "2.1.0",
      runs: [{ tool: { driver: { name: "atom audit", semanticVersion: "1.2.3" } } }],
    });
    const { rules } = (logOf().runs[0].tool as { driver: { rules: readonly unknown[] } }).driver;
    expect(rules[0]).toEqual({
      id: "P1-A",
      shortDescription: { text: "Every pod is <good>." },
      fullDescription: { text: "Every pod is <good>. Otherwise: Bad ones are & stay bad." },
      help: {
        text: "Make it good. See docs/rules.md#p1-a; source: a [book]",
        markdown: [
          "Every pod is \\<good\\>.",
          "",
          "- **Severity:** critical",
          "- **Why:** Bad ones are & stay bad.",
          "- **How to mend it:** Make it good.",
          "- **Source:** a \\[book\\]",
          "- **Examples:** `docs/rules.md#p1-a`",
        ].join("\n"),
      },
      defaultConfiguration: { level: "error" },
      properties: { "security-severity": "9.5", tags: ["security", "P1"] },
    });
    expect(rules).toMatchObject([
      { id: "P1-A" },
      { defaultConfiguration: { level: "warning" }, properties: { "security-severity": "5.5" } },
      { defaultConfiguration: { level: "note" }, properties: { "security-severity": "2.0" } },
      { defaultConfiguration: { level: "error" }, properties: { "security-severity": "8.0" } },
    ]);
  });

  test("names standard input by a URI with no base", () => {
    const files = ["standard input"];
    const [result] = resultsOf({ files, placesOf: () => [{ file: files[0]!, first: 3, last: 5 }] });
    expect(result!.locations).toMatchObject([
      {
        physicalLocation: {
          artifactLocation: { uri: "stdin", description: { text: "standard input" } },
          region: { startLine: 3, endLine: 5 },
        },
      },
    ]);
    expect(JSON.stringify(result)).not.toContain("%SRCROOT%");
  });

  test("gives a result for a finding: what, where in the file and where in the object", () => {
    const fingerprint = expect.stringMatching(/^[0-9a-f]{32}:1$/) as string;
    expect(resultsOf()[0]).toEqual({
      ruleId: "P1-A",
      ruleIndex: 0,
      level: "error",
      message: {
        text: 'Pod eu/bad-twice spec.good: is "no"?[2J. To mend it: make it good.',
      },
      locations: [
        {
          physicalLocation: {
            artifactLocation: SOURCE,
            region: { startLine: 3, endLine: 5 },
          },
          logicalLocations: [
            {
              name: "spec.good",
              fullyQualifiedName: "eu/Pod eu/bad-twice/spec.good",
              kind: "member",
            },
            {
              name: "Pod eu/bad-twice",
              fullyQualifiedName: "eu/Pod eu/bad-twice",
              kind: "resource",
            },
          ],
        },
      ],
      partialFingerprints: {
        "atomFinding/v1": fingerprint,
        primaryLocationLineHash: fingerprint,
      },
      suppressions: [],
      properties: { cause: "violation", cluster: "eu", tenant: "acme" },
    });
  });

  test("suppresses what is waived, with the reason, the owner and the last day", () => {
    expect(resultsOf().at(-1)).toMatchObject({
      ruleId: "P3-A",
      suppressions: [
        {
          kind: "external",
          status: "accepted",
          justification: "until the move (owner: platform, expires: 2027-01-31)",
        },
      ],
    });
  });

  test("says of each result whether the rule found it, could not decide, or failed", () => {
    expect(resultsOf().map(({ ruleId, properties }) => `${ruleId} ${properties.cause}`)).toEqual([
      "P1-A violation",
      "P1-A violation",
      "P1-A undecided",
      "P1-B error",
      "P3-A violation",
    ]);
    expect(JSON.stringify(logOf())).not.toContain("canary");
  });

  test("knows a finding again on other lines and in another file, and no two are the same", () => {
    const before = resultsOf().map(({ partialFingerprints }) => partialFingerprints);
    const moved = resultsOf({
      files: ["other.yaml"],
      placesOf: () => [{ file: "other.yaml", first: 70, last: 71 }],
    });
    expect(moved.map(({ partialFingerprints }) => partialFingerprints)).toEqual(before);
    expect(new Set(before.map(({ primaryLocationLineHash }) => primaryLocationLineHash)).size).toBe(
      before.length,
    );
  });

  test("points at the top of the first file for what is in none, and at no file without files", () => {
    const top = { artifactLocation: SOURCE, region: { startLine: 1, endLine: 1 } };
    expect(resultsOf()[2]!.locations[0]).toMatchObject({ physicalLocation: top });
    expect(Object.keys(resultsOf({ files: [], placesOf: () => [] })[2]!.locations[0]!)).toEqual([
      "logicalLocations",
    ]);
  });

  test("writes a file outside of the working directory as a URL, and names objects of one name", () => {
    const file = join("/", "else where", "x.yaml");
    const places = [
      { file, first: 1, last: 2 },
      { file: "b.yaml", first: 7, last: 9 },
    ];
    const [result] = resultsOf({ placesOf: () => places });
    expect(result!.locations).toMatchObject([
      { physicalLocation: { artifactLocation: { uri: "file:///else%20where/x.yaml" } } },
    ]);
    expect(result!.relatedLocations).toEqual([
      {
        id: 1,
        physicalLocation: {
          artifactLocation: { uri: "b.yaml", uriBaseId: "%SRCROOT%" },
          region: { startLine: 7, endLine: 9 },
        },
        message: { text: "another object of the same name" },
      },
    ]);
  });
});
