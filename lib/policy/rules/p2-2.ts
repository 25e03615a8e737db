import { printable } from "../../kubernetes/names";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { ChartNode, ResourceGraph } from "../graph/graph";
import { listOf } from "../reading/shape";
import { readChartReference } from "../signatures/chart-reference";
import { namesChart } from "../signatures/signature-claim";
import type { ChartSubject, TenantSubject } from "../subjects/fact-subjects";
import { charts, hasChart, hasWorkloads, tenants } from "../subjects/fact-subjects";

/** A chart, or a declared tenant whose workloads came without one. */
type SignedSubject = ChartSubject | (TenantSubject & { readonly bare: true });

/** Every chart is an OCI artifact by digest, with a signature about exactly that artifact. */
export const p2Rule2 = defineRule<SignedSubject>({
  id: "P2-2",
  policy: "P2",
  severity: "critical",
  title: "every chart is an OCI artifact by digest with a signature that names it",
  why: "a signature for another digest or another repository can be replayed on a changed chart",
  remediation:
    "push the chart, sign that digest in that repository (atom mirror sync --apply), and deploy a tenant's workloads through AtomChart only",
  source:
    "sigstore/cosign specs/SIGNATURE_SPEC.md; sigstore-conformance message-digest-mismatch_fail",
  subjects: (graph) => [...charts(graph), ...tenantsWithoutChart(graph)],
  check(subject, report) {
    if ("bare" in subject) {
      report("", "has workloads and no chart, so nothing of it can be signed");
    } else {
      checkChart(subject.fact, report);
    }
  },
});

/**
 * Only declared tenants: plain manifests declare none, and nobody can tell from them which chart
 * they were rendered from.
 */
function tenantsWithoutChart(graph: ResourceGraph): SignedSubject[] {
  return tenants(graph)
    .filter(({ scope }) => !hasChart(graph, scope) && hasWorkloads(graph, scope))
    .map((tenant) => ({ ...tenant, bare: true }));
}

function checkChart(chart: ChartNode, report: Report): void {
  const text: unknown = chart.reference;
  const reference = typeof text === "string" ? readChartReference(text) : undefined;
  if (!reference) {
    const received = typeof text === "string" ? printable(text) : "no text";
    report(".reference", `reference is ${received}; allowed is registry/repository@sha256:…`);
    return;
  }
  const signatures = listOf(chart.signatures) as ChartNode["signatures"];
  if (signatures.length === 0) {
    report(".signatures", "the chart carries no signature");
  } else if (!signatures.some((signature) => namesChart(signature, reference))) {
    report(
      ".signatures",
      `none of ${signatures.length} signatures names ${reference.repository}@${reference.digest}`,
    );
  }
}
