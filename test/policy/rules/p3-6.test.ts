import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p3Rule6 } from "../../../lib/policy/rules/p3-6";
import { sha256 } from "../../../lib/support/digest";
import { PLATFORM } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith } from "../small-objects";

const PLAYBOOK = "playbook eu-prod/bootstrap";

const withRun = (fields: object) =>
  graphWith(({ playbooks }) => Object.assign(playbooks[0]!, fields));
const withProof = (fields: object) =>
  graphWith(({ playbooks }) => Object.assign(playbooks[0]!.proof, fields));

describe("P3-6", () => {
  test("looks at each run of a playbook", () => {
    expectPass(p3Rule6, [{ scope: PLATFORM, examined: 1 }]);
  });

  test.each([
    [
      { digest: sha256("before") },
      "proof.digest",
      "is that of another playbook, or of this one before it was changed",
    ],
    [
      { previewWrites: ["/etc/hosts"] },
      "proof.previewWrites[0]",
      '"/etc/hosts" was written by a dry run',
    ],
    [{ previewWrites: undefined }, "proof.previewWrites", "is not set"],
    [
      { changed: [0, 0] },
      "proof.changed[0]",
      "is 0: a first run that changes nothing proves nothing",
    ],
    [{ changed: [3, 1] }, "proof.changed[1]", "is 1: the second run changed something again"],
    [{ changed: [3] }, "proof.changed[1]", "is not set: the second run changed something again"],
  ])("fails for a proof with %j", (fields, field, message) => {
    expectFindings(withProof(fields), p3Rule6, [
      { object: PLAYBOOK, field, message, scope: PLATFORM },
    ]);
  });

  test("fails without a proof, and without the digest of what was read", () => {
    expectFindings(withRun({ proof: undefined }), p3Rule6, [
      {
        object: PLAYBOOK,
        field: "proof",
        message: "is not there: nobody has watched what this playbook writes",
        scope: PLATFORM,
      },
    ]);
    // Two that are missing are equal, and prove nothing.
    const none = withRun({ digest: undefined, proof: { previewWrites: [], changed: [3, 0] } });
    expect(findingsOf(none, p3Rule6)).toHaveLength(1);
  });

  test("takes apt's own log of its plan for no write", () => {
    const previewWrites = ["/var/log/apt/eipp.log.xz"];
    expect(findingsOf(withProof({ previewWrites }), p3Rule6)).toEqual([]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const graph of [
      withRun({ proof: UNKNOWN }),
      withRun({ digest: UNKNOWN }),
      withProof({ changed: UNKNOWN }),
      withProof({ previewWrites: UNKNOWN }),
      withProof({ previewWrites: [UNKNOWN] }),
    ]) {
      expect(findingsOf(graph, p3Rule6)).toMatchObject([{ cause: "undecided" }]);
    }
  });

  test.each(HOSTILE)("fails, and does not crash, for %s", (value) => {
    for (const field of ["digest", "changed"]) {
      const causes = findingsOf(withProof({ [field]: value }), p3Rule6).map(({ cause }) => cause);
      expect(causes.length).toBeGreaterThan(0);
      expect(causes).not.toContain("error");
    }
    const causes = findingsOf(withRun({ proof: value }), p3Rule6).map(({ cause }) => cause);
    expect(causes).not.toContain("error");
  });
});
