import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { ResourceGraph } from "../../../lib/policy/graph/graph";
import type { MirrorNode } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule4 } from "../../../lib/policy/rules/p2-4";
import { signImage } from "../../../lib/signing/image-signature";
import { generateSigningKey } from "../../../lib/signing/key";
import type { SignatureRecord } from "../../../lib/signing/signature";
import { hexOf, sha256 } from "../../../lib/support/digest";
import {
  ACME,
  CHART_DIGEST,
  CHART_KEY,
  CHART_REPOSITORY,
  PLATFORM,
  SIGNED_IMAGE,
} from "../compliant-facts";
import { expectFindings, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith, smallContent } from "../small-objects";

const CHART = { repository: CHART_REPOSITORY, digest: CHART_DIGEST };
const SIGNATURE = signImage(CHART, CHART_KEY);

/** What a log has of a signature, by the schema of hashedrekord 0.0.1. */
function entryOf({ payload, signature }: SignatureRecord, key = CHART_KEY): string {
  const value = hexOf(sha256(Buffer.from(payload, "base64")));
  const body = {
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: { algorithm: "sha256", value } },
      signature: { content: signature, publicKey: { content: btoa(key.publicKeyPem) } },
    },
  };
  return btoa(JSON.stringify(body));
}

const withSignatures = (...signatures: unknown[]) =>
  graphWith(({ charts }) => (charts[0]!.signatures = signatures as SignatureRecord[]));

const logged = { ...SIGNATURE, logEntry: entryOf(SIGNATURE) };

describe("P2-4", () => {
  test("looks at what has a log entry, and at nothing else", () => {
    expect(evaluate(graphWith(), [p2Rule4])).toEqual([]);
    expect(evaluate(withSignatures(SIGNATURE, logged), [p2Rule4])).toEqual([
      { rule: "P2-4", scope: ACME, examined: 1, findings: [] },
    ]);
  });

  const other = generateSigningKey();
  const again = signImage(CHART, CHART_KEY);
  test.each([
    ["another signature of the same chart", entryOf(again), "is about another signature"],
    [
      "another chart",
      entryOf(signImage({ ...CHART, digest: sha256("x") }, CHART_KEY)),
      "is about other content",
    ],
    ["another key", entryOf(SIGNATURE, other), "names another key"],
    ["nothing that can be read", "AAAA", "cannot be read"],
  ])("fails for the entry of %s", (_, logEntry, fault) => {
    expectFindings(withSignatures(logged, { ...SIGNATURE, logEntry }), p2Rule4, [
      {
        object: "chart tenant-acme",
        field: "signatures[1].logEntry",
        message: `the log entry ${fault}`,
      },
    ]);
  });

  test("fails for an image's signature in a mirror, and for a render's in a chart", () => {
    const image = { ...signImage(SIGNED_IMAGE, CHART_KEY), logEntry: entryOf(SIGNATURE) };
    const mirror: MirrorNode = {
      id: "mirror eu-prod/images",
      scope: PLATFORM,
      target: "registry.atom.example:5000",
      images: {},
      imageSignatures: [image],
    };
    const [chart, ...charts] = smallContent().charts;
    const render = { objects: {}, signatures: [{ ...SIGNATURE, logEntry: "AAAA" }] };
    const graph = new ResourceGraph({
      charts: [{ ...chart!, render }, ...charts],
      mirrors: [mirror],
    });
    expect(findingsOf(graph, p2Rule4)).toMatchObject([
      { object: "chart tenant-acme", field: "render.signatures[0].logEntry" },
      { object: "mirror eu-prod/images", field: "imageSignatures[0].logEntry" },
    ]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const graph of [
      graphWith(({ charts }) => (charts[0]!.signatures = UNKNOWN as never)),
      withSignatures({ ...SIGNATURE, logEntry: UNKNOWN }),
      withSignatures({ ...logged, payload: UNKNOWN }),
    ]) {
      expect(findingsOf(graph, p2Rule4)).toMatchObject([{ cause: "undecided" }]);
    }
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    for (const field of Object.keys(logged)) {
      const found = findingsOf(withSignatures({ ...logged, [field]: value }), p2Rule4);
      expect(found.map(({ cause }) => cause)).not.toContain("error");
    }
    const lists = graphWith(({ charts }) => (charts[0]!.signatures = value as never));
    expect(findingsOf(lists, p2Rule4).map(({ cause }) => cause)).not.toContain("error");
  });
});
