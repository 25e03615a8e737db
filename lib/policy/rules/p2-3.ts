import type { SignatureRecord } from "../../signing/signature";
import { verifyImageSignature } from "../../signing/image-signature";
import { UsageError } from "../../support/problem";
import type { ChartReference } from "../chart-reference";
import { readChartReference } from "../chart-reference";
import { charts } from "../fact-subjects";
import type { ChartNode } from "../graph";
import type { Report } from "../rule";
import { defineRule } from "../rule";
import { listOf } from "../shape";
import { namesChart } from "../signature-claim";
import { holdsUnknown } from "../unknown";

interface Claim {
  readonly signature: SignatureRecord;
  readonly reference: ChartReference;
}

/**
 * A signature about the chart is a trusted key's. A chart without such a signature is P2-2's
 * finding and no subject here.
 */
export const p2Rule3 = defineRule({
  id: "P2-3",
  policy: "P2",
  severity: "critical",
  title: "a signature of every chart verifies with a trusted key",
  why: "anybody can sign; only a key that was pinned beforehand says who did",
  remediation: "sign the chart with a key of the trusted set, and pin its public key (cosign.pub)",
  source:
    "sigstore-conformance managed-key-wrong-key_fail, managed-key-no-key_fail; sigstore policy-controller",
  subjects: (graph) =>
    // Whether an unknown chart is signed cannot be said, so it is looked at and found undecided.
    charts(graph).filter(({ fact }, index) => {
      return holdsUnknown(graph.charts[index]) || signaturesOf(fact).length > 0;
    }),
  check({ fact }, report, { trustedKeys }) {
    if (trustedKeys.length === 0) {
      report(".signatures", "no key is trusted, so no signature can be verified");
      return;
    }
    checkSignatures(fact, trustedKeys, report);
  },
});

function checkSignatures(chart: ChartNode, trustedKeys: readonly string[], report: Report): void {
  const reasons: string[] = [];
  for (const { signature, reference } of signaturesOf(chart)) {
    const fault = verificationFault(signature, reference, trustedKeys);
    if (fault === undefined) return;
    reasons.push(fault);
  }
  report(
    ".signatures",
    `no signature is a trusted key's: ${[...new Set(reasons)].join("; ") || "none names the chart"}`,
  );
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

function verificationFault(
  signature: SignatureRecord,
  reference: ChartReference,
  trustedKeys: readonly string[],
): string | undefined {
  try {
    const result = verifyImageSignature(signature, reference, trustedKeys);
    return result.verified ? undefined : result.reason;
  } catch (error) {
    if (error instanceof UsageError) return "a trusted key cannot be read";
    throw error;
  }
}
