import { printable } from "../../kubernetes/names";
import { readChartReference } from "../chart-reference";
import type { ChartSubject, TenantSubject } from "../fact-subjects";
import { charts, hasWorkloads, tenants } from "../fact-subjects";
import type { ChartNode, ResourceGraph } from "../graph";
import { sameScope } from "../graph";
import type { Violation } from "../rule";
import { defineRule } from "../rule";
import { listOf } from "../shape";
import { namesChart } from "../signature-claim";

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
    "push the chart, sign that digest in that repository (atom chart sign), and deploy a tenant's workloads through AtomChart only",
  source:
    "sigstore/cosign specs/SIGNATURE_SPEC.md; sigstore-conformance message-digest-mismatch_fail",
  *subjects(graph) {
    yield* charts(graph);
    yield* tenantsWithoutChart(graph);
  },
  *check(subject) {
    if ("bare" in subject) {
      yield { field: "", message: "has workloads and no chart, so nothing of it can be signed" };
    } else {
      yield* chartViolations(subject.fact);
    }
  },
});

/**
 * Only declared tenants: plain manifests declare none, and nobody can tell from them which chart
 * they were rendered from.
 */
function* tenantsWithoutChart(graph: ResourceGraph): Iterable<SignedSubject> {
  for (const tenant of tenants(graph)) {
    const charted = graph.charts.some((chart) => sameScope(chart.scope, tenant.scope));
    if (!charted && hasWorkloads(graph, tenant.scope)) yield { ...tenant, bare: true };
  }
}

function* chartViolations(chart: ChartNode): Iterable<Violation> {
  const text: unknown = chart.reference;
  const reference = typeof text === "string" ? readChartReference(text) : undefined;
  if (!reference) {
    const received = typeof text === "string" ? printable(text) : "no text";
    yield {
      field: ".reference",
      message: `reference is ${received}; allowed is registry/repository@sha256:…`,
    };
    return;
  }
  const signatures = listOf(chart.signatures) as ChartNode["signatures"];
  if (signatures.length === 0) {
    yield { field: ".signatures", message: "the chart carries no signature" };
  } else if (!signatures.some((signature) => namesChart(signature, reference))) {
    yield {
      field: ".signatures",
      message: `none of ${signatures.length} signatures names ${reference.repository}@${reference.digest}`,
    };
  }
}
