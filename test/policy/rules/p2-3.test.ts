import { describe, expect, test } from "vitest";
import type { MirrorNode } from "../../../lib/policy/graph/graph";
import { ResourceGraph } from "../../../lib/policy/graph/graph";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule3 } from "../../../lib/policy/rules/p2-3";
import { signImage } from "../../../lib/signing/image-signature";
import { generateSigningKey } from "../../../lib/signing/key";
import type { SignatureRecord } from "../../../lib/signing/signature";
import {
  ACME,
  CHART_DIGEST,
  CHART_KEY,
  CHART_REPOSITORY,
  PLATFORM,
  SIGNED_IMAGE,
} from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { graphWith, IMAGE as SIGNED, smallContent } from "../small-objects";

const IMAGE = { repository: CHART_REPOSITORY, digest: CHART_DIGEST };
const FINDING = { object: "chart tenant-acme", field: "signatures" };
const OTHER_KEY = generateSigningKey();

const withSignatures = (signatures: unknown) =>
  graphWith(({ charts }) => (charts[0]!.signatures = signatures as SignatureRecord[]));
const withKeys = (...keys: string[]) => graphWith((content) => (content.trustedKeys = keys));

describe("P2-3", () => {
  test("looks at each chart with a signature about it", () => {
    expectPass(p2Rule3, [{ scope: ACME, examined: 1 }]);
  });

  test("takes one trusted signature among others, and one trusted key among others", () => {
    const graph = graphWith(({ charts, trustedKeys }) => {
      charts[0]!.signatures.unshift(signImage(IMAGE, OTHER_KEY));
      trustedKeys.unshift(generateSigningKey().publicKeyPem);
    });
    expect(findingsOf(graph, p2Rule3)).toEqual([]);
  });

  test("fails for a key that nobody trusts", () => {
    expectFindings(withSignatures([signImage(IMAGE, OTHER_KEY)]), p2Rule3, [
      {
        ...FINDING,
        message:
          "no signature is a trusted key's: the signature was not made by a trusted key over these bytes",
      },
    ]);
  });

  test("fails without a trusted key", () => {
    expectFindings(withKeys(), p2Rule3, [
      { ...FINDING, message: "no key is trusted, so no signature can be verified" },
    ]);
  });

  test("fails for a trusted key that cannot be read, and does not repeat it", () => {
    expectFindings(withKeys("canary-of-a-key"), p2Rule3, [
      { ...FINDING, message: "no signature is a trusted key's: a trusted key cannot be read" },
      {
        ...FINDING,
        field: "imageSignatures",
        message: `no signature of ${SIGNED} is a trusted key's: a trusted key cannot be read`,
      },
    ]);
  });

  describe("of an image", () => {
    const stranger = signImage(SIGNED_IMAGE, OTHER_KEY);
    const message = `no signature of ${SIGNED} is a trusted key's: the signature was not made by a trusted key over these bytes`;
    const withImages = (imageSignatures: unknown) =>
      graphWith(({ charts }) => (charts[0]!.imageSignatures = imageSignatures as never));
    const mirror = (imageSignatures: unknown) => {
      const fields = { id: "mirror eu-prod/images", scope: PLATFORM, target: "registry.example" };
      return { ...fields, images: {}, imageSignatures } as MirrorNode;
    };
    const withMirror = (imageSignatures: unknown) =>
      new ResourceGraph({ ...smallContent(), mirrors: [mirror(imageSignatures)] });

    test("takes one of a trusted key among others", () => {
      expect(
        findingsOf(withImages([stranger, signImage(SIGNED_IMAGE, CHART_KEY)]), p2Rule3),
      ).toEqual([]);
    });

    test("fails for a key that nobody trusts, in a chart and in a mirror", () => {
      expectFindings(withImages([stranger]), p2Rule3, [
        { ...FINDING, field: "imageSignatures", message },
      ]);
      expectFindings(withMirror([stranger]), p2Rule3, [
        { object: "mirror eu-prod/images", scope: PLATFORM, field: "imageSignatures", message },
      ]);
    });

    test("leaves a log entry to P2-4", () => {
      const logged = { ...signImage(SIGNED_IMAGE, CHART_KEY), logEntry: "AAAA" };
      expect(findingsOf(withImages([logged]), p2Rule3)).toEqual([]);
    });

    test("S6 fails for what is not known yet", () => {
      expect(findingsOf(withMirror(UNKNOWN), p2Rule3)).toMatchObject([
        { field: "imageSignatures", cause: "undecided" },
      ]);
    });

    test.each(HOSTILE)("does not crash for %s", (value) => {
      for (const signatures of [value, [value], [{ ...stranger, signature: value }]]) {
        const causes = findingsOf(withMirror(signatures), p2Rule3).map(({ cause }) => cause);
        expect(causes).not.toContain("error");
      }
    });
  });

  test("fails for a forged signature", () => {
    const forged = { ...signImage(IMAGE, OTHER_KEY), signature: "AAAA" };
    expect(findingsOf(withSignatures([forged]), p2Rule3)).toMatchObject([
      { ...FINDING, cause: "violation" },
    ]);
  });

  test("leaves a chart without a signature about it to P2-2", () => {
    expect(findingsOf(withSignatures([]), p2Rule3)).toEqual([]);
  });

  test("S6 fails for signatures that are not known yet", () => {
    expect(findingsOf(withSignatures(UNKNOWN), p2Rule3)).toMatchObject([
      { field: "signatures", cause: "undecided" },
    ]);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    for (const field of ["payload", "signature", "keyId"]) {
      const record = { ...signImage(IMAGE, OTHER_KEY), [field]: value } as never;
      expect(findingsOf(withSignatures([record]), p2Rule3).length).toBeLessThanOrEqual(1);
    }
  });
});
