import { describe, expect, test } from "vitest";
import { formatAudit } from "../../lib/report/audit-format";
import { smallReport } from "./small-report";

interface Observation {
  readonly uuid: string;
  readonly title: string;
}
interface Finding {
  readonly "related-observations"?: readonly { readonly "observation-uuid": string }[];
}
interface Assessment {
  readonly "assessment-results": {
    readonly results: readonly {
      readonly title: string;
      readonly observations: readonly Observation[];
      readonly findings: readonly Finding[];
    }[];
  };
}

const assess = (changes: Parameters<typeof smallReport>[0] = {}) =>
  (JSON.parse([...formatAudit(smallReport(changes), "oscal")].join("")) as Assessment)[
    "assessment-results"
  ];
const UUID = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
) as string;
const DATE = "2026-06-15T00:00:00.000Z";

describe("an audit as OSCAL", () => {
  test("says of P1 to P7 on each cluster whether they are satisfied", () => {
    const states = assess().results.map(({ title, findings }) => [
      title,
      ...findings.map((finding) => {
        const { target } = finding as unknown as {
          target: { "target-id": string; status: { state: string; reason: string } };
        };
        return `${target["target-id"]} ${target.status.state} ${target.status.reason}`;
      }),
    ]);
    const rest = ["P4", "P5", "P6", "P7"].map((policy) => `${policy} not-satisfied other`);
    expect(states).toEqual([
      [
        "Cluster eu",
        "P1 not-satisfied fail",
        "P2 not-satisfied other",
        "P3 satisfied pass",
        ...rest,
      ],
      [
        "Cluster us",
        "P1 satisfied pass",
        "P2 not-satisfied other",
        "P3 not-satisfied other",
        ...rest,
      ],
    ]);
  });

  test("has what the schema of assessment results requires", () => {
    const { results, ...document } = assess();
    expect(document).toEqual({
      uuid: UUID,
      metadata: {
        title: "Audit of P1 to P7",
        "last-modified": DATE,
        version: "1.2.3",
        "oscal-version": "1.1.3",
      },
      "import-ap": { href: expect.stringMatching(/^#[0-9a-f-]{36}$/) as string },
      "back-matter": {
        resources: [
          {
            uuid: UUID,
            title: "The rules of P1 to P7",
            rlinks: [{ href: "docs/rules.md", "media-type": "text/markdown" }],
          },
        ],
      },
    });
    const [, { observations, findings, ...result }] = results as [unknown, (typeof results)[0]];
    expect(result).toEqual({
      uuid: UUID,
      title: "Cluster us",
      description: "What the rules of P1 to P7 found in the cluster's objects.",
      start: DATE,
      "local-definitions": {
        components: [
          {
            uuid: UUID,
            type: "service",
            title: "Cluster us",
            description: "A Kubernetes cluster with its platform and its tenants.",
            status: { state: "operational" },
          },
        ],
      },
      "reviewed-controls": {
        "control-selections": [
          {
            "include-controls": ["P1", "P2", "P3", "P4", "P5", "P6", "P7"].map((id) => ({
              "control-id": id,
            })),
          },
        ],
      },
    });
    expect(observations).toEqual([
      {
        uuid: UUID,
        title: "P1-A: every pod is <good>",
        description: "1 thing looked at.",
        props: [
          ["rule", "P1-A"],
          ["examined", "1"],
          ["violations", "0"],
          ["waived", "0"],
        ].map(([name, value]) => ({ name, ns: "https://atom.cloud/ns/oscal", value })),
        methods: ["TEST"],
        subjects: [{ "subject-uuid": UUID, type: "component" }],
        collected: DATE,
      },
    ]);
    expect(findings[1]).toEqual({
      uuid: UUID,
      title: "P2: charts and secrets cosign-signed",
      description: "0 things looked at, 0 violations, 0 waived.",
      target: {
        type: "objective-id",
        "target-id": "P2",
        status: {
          state: "not-satisfied",
          reason: "other",
          remarks: "No rule had anything to look at, which is no pass.",
        },
        "implementation-status": { state: "not-applicable" },
      },
    });
  });

  test("observes each finding: where it is, why it stands, and the waiver that lifts it", () => {
    const { observations } = assess().results[0]!;
    const found = (title: string) => observations.filter((each) => each.title === title);
    const props = (values: Record<string, string>) =>
      Object.entries(values).map(([name, value]) => ({
        name,
        ns: "https://atom.cloud/ns/oscal",
        value,
      }));
    expect(found("P1-A: Pod eu/bad-twice")).toMatchObject([
      {
        description: 'is "no"?[2J.',
        props: props({
          rule: "P1-A",
          severity: "critical",
          cause: "violation",
          tenant: "acme",
          object: "Pod eu/bad-twice",
          field: "spec.good",
          file: "manifests/a b.yaml",
          line: "3",
        }),
        remarks: "To mend it: make it good (docs/rules.md#p1-a).",
      },
      { description: "is no again." },
    ]);
    expect(found("P3-A: Pod eu/waived")).toMatchObject([
      {
        props: props({
          rule: "P3-A",
          severity: "high",
          cause: "violation",
          tenant: "acme",
          object: "Pod eu/waived",
          field: "spec.good",
          waiver: "until the move (owner: platform, expires: 2027-01-31)",
        }),
      },
    ]);
  });

  test("refers only to what it holds, and no two things have one UUID", () => {
    for (const { observations, findings } of assess().results) {
      const own = observations.map(({ uuid }) => uuid);
      expect(new Set(own).size).toBe(own.length);
      const related = findings.flatMap((finding) =>
        (finding["related-observations"] ?? []).map((related) => related["observation-uuid"]),
      );
      expect(related.sort()).toEqual([...own].sort());
    }
    const all = JSON.stringify(assess()).match(/"uuid":"[^"]+"/g)!;
    expect(new Set(all).size).toBe(all.length);
  });

  test("gives the same bytes for the same audit, and other UUIDs for another", () => {
    expect(JSON.stringify(assess())).toBe(JSON.stringify(assess()));
    const next = JSON.stringify(assess({ date: new Date("2026-06-16T00:00:00Z") }));
    const uuids = (text: string) => text.match(/"uuid":"[^"]+"/g)!;
    const before = new Set(uuids(JSON.stringify(assess())));
    expect(uuids(next).filter((uuid) => before.has(uuid))).toEqual([]);
  });
});
