import { verifyProvenance } from "../../signing/provenance";
import type { DeclaredProvenance } from "../../signing/provenance";
import { UsageError } from "../../support/problem";
import { defineRule } from "../evaluation/rule";
import type { MirrorNode } from "../graph/graph";
import { fieldOf, MalformedError, recordAt, textsAt, valueAt } from "../reading/read";
import type { Path } from "../reading/read";
import { recordOf } from "../reading/shape";
import { UNKNOWN } from "../reading/unknown";
import { readChartReference } from "../signatures/chart-reference";
import { mirrors } from "../subjects/fact-subjects";

/**
 * An image of which somebody says how it has to have been built was built that way. Which images
 * these are is their owner's to say: without a declared provenance the rule does not apply.
 */
export const p2Rule9 = defineRule({
  id: "P2-9",
  policy: "P2",
  severity: "high",
  title: "every image with a declared provenance was built by a trusted builder, as it had to be",
  why: "a signature says who vouches for an image, not what it was made of, nor on whose machine",
  remediation:
    "build the image with the trusted builder and the expected parameters, and attach what it attests (cosign attest --type slsaprovenance1)",
  source: "https://slsa.dev/spec/v1.0/verifying-artifacts; kyverno verify-image-slsa",
  subjects: (graph) =>
    mirrors(graph).filter((_, index) => {
      const provenance: unknown = graph.mirrors[index]!.provenance;
      return provenance === UNKNOWN || Object.keys(recordOf(provenance)).length > 0;
    }),
  check({ fact }, report) {
    for (const name of Object.keys(recordAt(fact, "provenance") ?? {})) {
      const fault = provenanceFault(fact, name);
      if (fault !== undefined) report(fieldOf(["provenance", name]), fault);
    }
  },
});

function provenanceFault(fact: MirrorNode, name: string): string | undefined {
  const reference = valueAt(fact, "images", name);
  const image = typeof reference === "string" ? readChartReference(reference) : undefined;
  if (image === undefined) return "the mirror has no image of this name";
  const { attestation, ...expected } = declaredIn(fact, name);
  try {
    const result = verifyProvenance(attestation, image.digest, expected);
    return result.verified ? undefined : result.reason;
  } catch (error) {
    if (error instanceof UsageError) return "a builder's key cannot be read";
    throw error;
  }
}

/** @throws MalformedError for what does not say what is expected. */
function declaredIn(fact: MirrorNode, name: string): DeclaredProvenance {
  const place = ["provenance", name];
  const builders = Object.keys(recordAt(fact, ...place, "builders") ?? {});
  return {
    builders: Object.fromEntries(
      builders.map((id) => [id, textsAt(fact, ...place, "builders", id)] as const),
    ),
    buildType: textAt(fact, ...place, "buildType"),
    externalParameters: (recordAt(fact, ...place, "externalParameters") ??
      {}) as DeclaredProvenance["externalParameters"],
    attestation: textAt(fact, ...place, "attestation"),
  };
}

function textAt(fact: MirrorNode, ...path: Path): string {
  const value = valueAt(fact, ...path);
  if (typeof value !== "string") throw new MalformedError(fieldOf(path), "is no text");
  return value;
}
