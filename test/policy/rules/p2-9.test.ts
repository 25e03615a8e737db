import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { ResourceGraph } from "../../../lib/policy/graph/graph";
import type { MirrorNode } from "../../../lib/policy/graph/graph";
import { graphFromResources } from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule9 } from "../../../lib/policy/rules/p2-9";
import { generateSigningKey } from "../../../lib/signing/key";
import { attested, BUILDER, BUILDER_KEY, EXPECTED } from "../../signing/attested";
import { CLUSTER, PLATFORM, SIGNED_IMAGE } from "../compliant-facts";
import { expectFindings, findingsOf, HOSTILE } from "../rule-harness";
import { IMAGE, smallContent } from "../small-objects";

const OBJECT = `mirror ${CLUSTER}/images`;
const GOOD = { ...EXPECTED, attestation: attested(SIGNED_IMAGE.digest) };

function graph(provenance: unknown, images: unknown = { api: IMAGE }): ResourceGraph {
  const fields = { id: OBJECT, scope: PLATFORM, target: "registry.atom.example:5000", images };
  const mirror = { ...fields, provenance } as MirrorNode;
  return new ResourceGraph({ ...smallContent(), mirrors: [mirror] });
}
const found = (declared: object) => findingsOf(graph({ api: { ...GOOD, ...declared } }), p2Rule9);

describe("P2-9", () => {
  test("looks at a mirror with a declared provenance, and at no other", () => {
    expect(evaluate(graph({ api: GOOD }), [p2Rule9])).toEqual([
      { rule: "P2-9", scope: PLATFORM, examined: 1, findings: [] },
    ]);
    expect(evaluate(graph(undefined), [p2Rule9])).toEqual([]);
    expect(evaluate(graph({}), [p2Rule9])).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      "another image's provenance",
      { attestation: attested(`sha256:${"b".repeat(64)}`) },
      `the provenance is not about ${SIGNED_IMAGE.digest}`,
    ],
    [
      "a builder that is not trusted",
      { builders: { "https://other.example": [BUILDER_KEY.publicKeyPem] } },
      `the builder is "${BUILDER}", which is not trusted`,
    ],
    [
      "a key that is not the builder's",
      { builders: { [BUILDER]: [generateSigningKey().publicKeyPem] } },
      "the signature was not made by a trusted key over these bytes",
    ],
    [
      "another build type",
      { buildType: "https://builder.example/script/v1" },
      `the build is of the type "${EXPECTED.buildType}", not https://builder.example/script/v1`,
    ],
    [
      "a parameter that nobody expected",
      { externalParameters: {} },
      'the external parameter "ref" is not expected',
    ],
    [
      "a key that cannot be read, which it does not repeat",
      { builders: { [BUILDER]: ["canary-of-a-key"] } },
      "a builder's key cannot be read",
    ],
  ])("fails for %s", (_, declared, message) => {
    expectFindings(graph({ api: { ...GOOD, ...declared } }), p2Rule9, [
      { object: OBJECT, scope: PLATFORM, field: "provenance.api", message },
    ]);
  });

  test("fails for an image that the mirror does not have, and still looks at the others", () => {
    const provenance = { worker: GOOD, api: { ...GOOD, externalParameters: {} } };
    expect(findingsOf(graph(provenance), p2Rule9)).toMatchObject([
      { field: "provenance.worker", message: "the mirror has no image of this name" },
      { field: "provenance.api" },
    ]);
  });

  test("takes it from the mirror's component", () => {
    const inputs = { cluster: CLUSTER, target: "registry.example", provenance: { api: GOOD } };
    const type = "atom:index:RegistryMirror";
    const resource = { type, name: "images", urn: "urn", inputs, dependencies: [], protect: false };
    expect(graphFromResources([resource]).mirrors).toMatchObject([{ provenance: { api: GOOD } }]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const provenance of [
      UNKNOWN,
      { api: UNKNOWN },
      { api: { ...GOOD, buildType: UNKNOWN } },
    ]) {
      expect(findingsOf(graph(provenance), p2Rule9)).toMatchObject([{ cause: "undecided" }]);
    }
  });

  test.each(HOSTILE)("fails, and does not crash, for %s", (value) => {
    for (const field of ["attestation", "builders", "buildType", "externalParameters"]) {
      const rows = found({ [field]: value });
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.map(({ cause }) => cause)).not.toContain("error");
    }
    for (const other of [graph(value), graph({ api: value }), graph({ api: GOOD }, value)]) {
      expect(findingsOf(other, p2Rule9).map(({ cause }) => cause)).not.toContain("error");
    }
  });
});
