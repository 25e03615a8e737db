import { describe, expect, test } from "vitest";
import { generateSigningKey } from "../../lib/signing/key";
import { verifyProvenance } from "../../lib/signing/provenance";
import type { ProvenanceExpectation } from "../../lib/signing/provenance";
import { sha256 } from "../../lib/support/digest";
import { bundleOf } from "./attested";

const BUILDER = "https://builder.example/hosted";
const OTHER_BUILDER = "https://builder.example/laptop";
const key = generateSigningKey();
const otherKey = generateSigningKey();
const digest = sha256("api");

const EXPECTED: ProvenanceExpectation = {
  builders: { [BUILDER]: [key.publicKeyPem], [OTHER_BUILDER]: [otherKey.publicKeyPem] },
  buildType: "https://builder.example/container/v1",
  externalParameters: { source: { uri: "git+https://git.example/api", ref: "refs/tags/v1" } },
};

/** A statement of SLSA provenance, as its specification shows one. */
function statement() {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "registry.example/atom/api", digest: { sha256: digest.slice(7) } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: EXPECTED.buildType,
        externalParameters: {
          source: { ref: "refs/tags/v1", uri: "git+https://git.example/api" },
        } as Record<string, unknown>,
        internalParameters: { runner: "r-17" },
        resolvedDependencies: [{ uri: "git+https://git.example/api" }],
      },
      runDetails: { builder: { id: BUILDER }, metadata: { invocationId: "17" } },
    },
  };
}

type Statement = ReturnType<typeof statement>;

function attest(change: (statement: Statement) => void = () => undefined, signer = key): string {
  const made = statement();
  change(made);
  return bundleOf(JSON.stringify(made), signer);
}

const definition = ({ predicate }: Statement) => predicate.buildDefinition;

describe("verifyProvenance", () => {
  test("verifies what was built as expected, whatever else the builder says", () => {
    const good = { verified: true, keyId: key.keyId };
    expect(verifyProvenance(attest(), digest, EXPECTED)).toEqual(good);
    const many = attest(({ subject }) =>
      subject.unshift({ name: "sbom", digest: { sha256: "0".repeat(64) } }),
    );
    expect(verifyProvenance(Buffer.from(many), digest, EXPECTED)).toEqual(good);
  });

  test.each<[string, string, string]>([
    [
      "a key that nobody trusts",
      attest(undefined, generateSigningKey()),
      "the signature was not made by a trusted key over these bytes",
    ],
    [
      "a builder that is not trusted",
      attest(({ predicate }) => (predicate.runDetails.builder.id = "https://evil.example")),
      'the builder is "https://evil.example", which is not trusted',
    ],
    [
      "a builder whose name is one of JavaScript's",
      attest(({ predicate }) => (predicate.runDetails.builder.id = "constructor")),
      'the builder is "constructor", which is not trusted',
    ],
    [
      "one builder's name over another one's key",
      attest(undefined, otherKey),
      `the builder is "${BUILDER}", and another one's key signed`,
    ],
    [
      "another build type",
      attest((made) => (definition(made).buildType = "https://builder.example/script/v1")),
      `the build is of the type "https://builder.example/script/v1", not ${EXPECTED.buildType}`,
    ],
    [
      "another value of an external parameter, without telling it",
      attest((made) => (definition(made).externalParameters["source"] = "canary")),
      'the external parameter "source" has another value than expected',
    ],
    [
      "an external parameter that is not expected",
      attest((made) => (definition(made).externalParameters["debug"] = false)),
      'the external parameter "debug" is not expected',
    ],
    [
      "an external parameter that readers skip",
      bundleOf(JSON.stringify(statement()).replace('"source":', '"__proto__":{},"source":'), key),
      'the external parameter "__proto__" is not expected',
    ],
    [
      "a missing external parameter",
      attest((made) => (definition(made).externalParameters = {})),
      'the external parameter "source" is missing',
    ],
    [
      "another image",
      attest(({ subject }) => (subject[0]!.digest.sha256 = "0".repeat(64))),
      `the provenance is not about ${digest}`,
    ],
    [
      "another predicate",
      attest((made) => (made.predicateType = "https://slsa.dev/provenance/v0.2")),
      'the statement is of the type "https://slsa.dev/provenance/v0.2", not https://slsa.dev/provenance/v1',
    ],
    [
      "a predicate without a builder",
      attest((made) => (made.predicate.runDetails = {} as never)),
      "the predicate is no SLSA provenance of version 1",
    ],
    ["a payload that is no statement", bundleOf("[]", key), "the payload is no in-toto statement"],
    [
      "a statement with a key that stands twice",
      bundleOf(JSON.stringify(statement()).replace("{", '{"_type":"x",'), key),
      "the payload is no in-toto statement",
    ],
    ["what is no bundle", "attestation", "it is no Sigstore bundle of version 0.3"],
  ])("fails for %s", (_, attestation, reason) => {
    expect(verifyProvenance(attestation, digest, EXPECTED)).toEqual({ verified: false, reason });
  });

  test("fails where no builder is trusted", () => {
    expect(verifyProvenance(attest(), digest, { ...EXPECTED, builders: {} })).toEqual({
      verified: false,
      reason: "no key is trusted",
    });
  });
});
