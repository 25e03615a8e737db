import { signBlob } from "../../lib/signing/blob-signature";
import { generateSigningKey } from "../../lib/signing/key";
import type { SigningKey } from "../../lib/signing/key";
import type { ProvenanceExpectation } from "../../lib/signing/provenance";
import type { Digest } from "../../lib/support/digest";
import { hexOf } from "../../lib/support/digest";

export const BUILDER = "https://builder.example/hosted";
export const BUILDER_KEY = generateSigningKey();

/** What {@link attested} says. */
export const EXPECTED: ProvenanceExpectation = {
  builders: { [BUILDER]: [BUILDER_KEY.publicKeyPem] },
  buildType: "https://builder.example/container/v1",
  externalParameters: { ref: "refs/tags/v1" },
};

/** What the builder says of an image: SLSA provenance, as its specification shows one. */
export function attested(digest: Digest): string {
  const { buildType, externalParameters } = EXPECTED;
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "registry.example/atom/api", digest: { sha256: hexOf(digest) } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: { buildType, externalParameters, internalParameters: { runner: "r-17" } },
      runDetails: { builder: { id: BUILDER } },
    },
  };
  return bundleOf(JSON.stringify(statement), BUILDER_KEY);
}

/** A Sigstore bundle around a text, sealed in the way that DSSE says, independently of the library. */
export function bundleOf(text: string, key: SigningKey): string {
  const payloadType = "application/vnd.in-toto+json";
  const payload = Buffer.from(text);
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `;
  const sig = signBlob(Buffer.concat([Buffer.from(head), payload]), key);
  return JSON.stringify({
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint: "" } },
    dsseEnvelope: { payload: payload.toString("base64"), payloadType, signatures: [{ sig }] },
  });
}
