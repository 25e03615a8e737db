import { describe, expect, test } from "vitest";
import { objectNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p7Rule6 } from "../../../lib/policy/rules/p7-6";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith } from "../small-objects";
import type { SmallContent } from "../small-objects";
import { FLUX, PULUMI, withFlux, withPulumi } from "../small-releases";

const CLAIM = "PersistentVolumeClaim tenant-acme/uploads";

function addClaim({ objects }: SmallContent): void {
  const metadata = { name: "uploads", namespace: "tenant-acme" };
  const spec = { accessModes: ["ReadWriteOnce"] };
  const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec };
  objects.push(objectNode(claim, ACME));
}

/** A tenant with a claim whose release says what becomes of a failed install. */
const withFailedInstall = (value: unknown) =>
  graphWith((content) => {
    addClaim(content);
    content.releases[0]!.failedInstall = value as never;
  });

const install = (remediation: unknown, more: object = {}) => ({
  install: { remediation, ...more },
});

describe("P7-6", () => {
  test("looks at each release", () => {
    expectPass(p7Rule6, [{ scope: ACME, examined: 1 }]);
    for (const graph of [withFlux(), withPulumi(), withPulumi({ atomic: false })]) {
      expect(findingsOf(graph, p7Rule6)).toEqual([]);
    }
  });

  test.each([undefined, "remove", "KEEP", true])("fails for a failed install: %j", (value) => {
    const shown = value === undefined ? "not set" : JSON.stringify(value);
    expectFindings(withFailedInstall(value), p7Rule6, [
      {
        object: "release tenant-acme",
        field: "failedInstall",
        message: `is ${shown}, and ${CLAIM} holds data; allowed is "keep"`,
      },
    ]);
  });

  test("counts the volumes of a StatefulSet, and nothing without data", () => {
    const remove = (content: SmallContent) => (content.releases[0]!.failedInstall = "remove");
    expect(findingsOf(graphWith(remove), p7Rule6)).toEqual([]);
    const templates = (value: unknown) =>
      graphWith((content) => {
        remove(content);
        const { spec } = content.objects[AT.statefulSet]!.object as { spec?: object };
        Object.assign(spec!, { volumeClaimTemplates: value });
      });
    expect(findingsOf(templates([]), p7Rule6)).toEqual([]);
    // What cannot be read counts as data.
    for (const value of [[{ metadata: { name: "data" } }], "text", UNKNOWN]) {
      expect(findingsOf(templates(value), p7Rule6)).toHaveLength(1);
    }
  });

  test("asks no other tenant's data", () => {
    const graph = graphWith((content) => {
      addClaim(content);
      const scope = { ...ACME, tenant: "globex" };
      content.releases = [{ ...content.releases[0]!, scope, failedInstall: "remove" }];
    });
    expect(findingsOf(graph, p7Rule6)).toEqual([]);
  });

  test.each([
    [
      install({ retries: 3 }),
      "install.remediation.retries",
      "is 3, each after an uninstall; allowed is 0",
    ],
    [
      install({ retries: -1 }),
      "install.remediation.retries",
      "is -1, each after an uninstall; allowed is 0",
    ],
    [
      install({ remediateLastFailure: true }),
      "install.remediation.remediateLastFailure",
      "is true, which uninstalls; allowed is false",
    ],
    [
      { upgrade: { remediation: { retries: 1, strategy: "uninstall" } } },
      "upgrade.remediation.strategy",
      'is "uninstall"; allowed is "rollback"',
    ],
  ])("fails for %j", (spec, field, message) => {
    expectFindings(withFlux(spec), p7Rule6, [{ object: FLUX, field: `spec.${field}`, message }]);
    expect(findingsOf(withFlux(spec, { "atom.cloud/undo": "none" }), p7Rule6)).toEqual([]);
    const declared = withFlux(spec, { "atom.cloud/undo": "irreversible" });
    expect(findingsOf(declared, p7Rule6)).toHaveLength(1);
  });

  test("passes what retries without an uninstall between", () => {
    const strategy = { name: "RetryOnFailure" };
    expect(findingsOf(withFlux(install({ retries: 3 }, { strategy })), p7Rule6)).toEqual([]);
  });

  test("fails for an atomic release of Helm", () => {
    expect(findingsOf(withPulumi({ atomic: true }), p7Rule6)).toMatchObject([
      {
        object: PULUMI,
        field: "atomic",
        message: "has Helm uninstall the release when its install fails",
      },
    ]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const graph of [
      withFailedInstall(UNKNOWN),
      withFlux({ install: UNKNOWN }),
      withFlux({ upgrade: UNKNOWN }),
      withPulumi({ atomic: UNKNOWN }),
    ]) {
      expect(findingsOf(graph, p7Rule6)).toMatchObject([{ cause: "undecided" }]);
    }
  });

  test.each(HOSTILE)("does not crash for the remediation %s", (remediation) => {
    const causes = findingsOf(withFlux(install(remediation)), p7Rule6).map(({ cause }) => cause);
    expect(causes).not.toContain("error");
  });
});
