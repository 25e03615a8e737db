import type { SignatureRecord } from "../../signing/signature";
import { groupBy } from "../../support/group-by";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { ChartNode, ResourceGraph } from "../graph/graph";
import { listOf, recordOf } from "../reading/shape";
import { holdsUnknown } from "../reading/unknown";
import type { ChartReference } from "../signatures/chart-reference";
import { readChartReference } from "../signatures/chart-reference";
import { namesChart, verificationFault } from "../signatures/signature-claim";
import type { ChartSubject, MirrorSubject } from "../subjects/fact-subjects";
import { charts, mirrors } from "../subjects/fact-subjects";

interface Claim {
  readonly signature: SignatureRecord;
  readonly reference: ChartReference;
}

/**
 * A signature about a chart, or an image, is a trusted key's. What has no such signature is P2-2's
 * and P2-6's finding, and no subject here.
 */
export const p2Rule3 = defineRule<ChartSubject | MirrorSubject>({
  id: "P2-3",
  policy: "P2",
  severity: "critical",
  title: "a signature of every chart and every image verifies with a trusted key",
  why: "anybody can sign; only a key that was pinned beforehand says who did",
  remediation:
    "sign the chart or the image with a key of the trusted set, and pin its public key (cosign.pub)",
  source:
    "sigstore-conformance managed-key-wrong-key_fail, managed-key-no-key_fail; sigstore policy-controller",
  subjects: (graph) => [
    // Whether an unknown chart is signed cannot be said, so it is looked at and found undecided.
    ...charts(graph).filter(({ fact }, index) => {
      return (
        holdsUnknown(graph.charts[index]) ||
        signaturesOf(fact).length > 0 ||
        listOf(fact.imageSignatures).length > 0
      );
    }),
    ...mirrors(graph).filter(({ fact }, index) => {
      const signatures = graph.mirrors[index]!.imageSignatures;
      return holdsUnknown(signatures) || listOf(fact.imageSignatures).length > 0;
    }),
  ],
  check({ fact }, report, graph) {
    const isChart = "reference" in fact;
    if (graph.trustedKeys.length === 0) {
      const field = isChart ? ".signatures" : ".imageSignatures";
      report(field, "no key is trusted, so no signature can be verified");
      return;
    }
    if (isChart) checkSignatures(fact, report, graph);
    checkImages(fact.imageSignatures, report, graph);
  },
});

function checkSignatures(chart: ChartNode, report: Report, graph: ResourceGraph): void {
  const claims = signaturesOf(chart);
  const images = listOf(chart.imageSignatures);
  if (claims.length === 0 && images.length > 0) return;
  const reasons: string[] = [];
  for (const { signature, reference } of claims) {
    const fault = verificationFault(graph, signature, reference);
    if (fault === undefined) return;
    reasons.push(fault);
  }
  report(
    ".signatures",
    `no signature is a trusted key's: ${[...new Set(reasons)].join("; ") || "none names the chart"}`,
  );
}

/** One good signature of each image is enough, whatever else lies beside it. */
function checkImages(signatures: unknown, report: Report, graph: ResourceGraph): void {
  const named = listOf(signatures).flatMap((signature) => {
    const { repository, digest } = recordOf(signature);
    const image = readChartReference(`${String(repository)}@${String(digest)}`);
    return image === undefined ? [] : [{ signature, image }];
  });
  const byImage = groupBy(named, ({ image }) => `${image.repository}@${image.digest}`);
  for (const [key, claims] of byImage) {
    const faults = claims.map(({ signature, image }) => verificationFault(graph, signature, image));
    if (faults.includes(undefined)) continue;
    const told = [...new Set(faults)].join("; ");
    report(".imageSignatures", `no signature of ${key} is a trusted key's: ${told}`);
  }
}

/** The signatures that claim to be about the chart. */
function signaturesOf(chart: ChartNode): readonly Claim[] {
  const text: unknown = chart.reference;
  const reference = typeof text === "string" ? readChartReference(text) : undefined;
  if (!reference) return [];
  return (listOf(chart.signatures) as readonly SignatureRecord[])
    .filter((signature) => namesChart(signature, reference))
    .map((signature) => ({ signature, reference }));
}
