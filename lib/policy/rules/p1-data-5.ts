import { printable, tenantNamespace } from "../../kubernetes/names";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { readChartReference } from "../signatures/chart-reference";
import { imageField, imageOf, tenantImages } from "../signatures/images";
import type { ImageSubject } from "../signatures/images";
import type { ChartSubject } from "../subjects/fact-subjects";
import { charts } from "../subjects/fact-subjects";
import { tenantOf } from "../tenants/tenant-namespaces";

/** The project that every tenant may read, and only the mirror writes. */
export const SHARED = "atom";
/** Where the chart lies below the mirror's target. */
const CHARTS = `/${SHARED}/charts/`;
export const PREFIX = tenantNamespace("");

/**
 * What a tenant runs comes from its own project or the shared one. The projects lie below the
 * mirror's target where a chart of the cluster tells that; else below any path. An image or a chart
 * whose name is no text at all is P2-1's and P2-2's finding.
 */
export const p1Data5 = defineRule<ImageSubject | ChartSubject>({
  id: "P1-DATA-5",
  policy: "P1",
  severity: "high",
  title: "a tenant's images and chart come from its own project of the mirror, or the shared one",
  why: "whoever may write another project decides what the tenant runs, and its pull secret reads that project",
  remediation: `mirror the image (atom mirror sync) and name it <mirror>/${SHARED}/…, or push it to the tenant's own project <mirror>/${PREFIX}<name>/…`,
  source:
    "kyverno restrict-image-registries, advanced-restrict-image-registries; gatekeeper allowedrepos",
  inHome: tenantImages,
  subjects: (graph) => charts(graph).filter(({ scope }) => scope.tenant !== undefined),
  check(subject, report, graph) {
    if ("fact" in subject) {
      const reference: unknown = subject.fact.reference;
      const chart = typeof reference === "string" ? readChartReference(reference) : undefined;
      const own = tenantNamespace(subject.scope.tenant!);
      if (chart === undefined || isInProject(chart.repository, own, NO_TARGETS)) return;
      report(".reference", messageOf(chart.repository, own, NO_TARGETS));
      return;
    }
    const fault = projectFault(subject, graph);
    if (fault !== undefined) report(imageField(subject), fault);
  },
});

/** Why an image of a tenant's pod comes from nowhere that is allowed; undefined if it does not. */
export function projectFault(subject: ImageSubject, graph: ResourceGraph): string | undefined {
  const image = imageOf(subject);
  if (typeof image !== "string") return undefined;
  const own = tenantNamespace(tenantOf(subject)!);
  const targets = targetsOf(graph, subject.scope.cluster);
  return isInProject(image, own, targets) ? undefined : messageOf(image, own, targets);
}

/** A tag or a digest behind the last part is of no interest: that is no project's name. */
function isInProject(name: string, own: string, targets: ReadonlySet<string>): boolean {
  if (targets.size > 0) {
    for (const target of targets) {
      const isBelow = (project: string) => name.startsWith(`${target}/${project}/`);
      if (isBelow(SHARED) || isBelow(own)) return true;
    }
    return false;
  }
  const [registry, ...path] = name.split("/");
  const projects = path.slice(0, -1);
  const first = projects.find((part) => part === SHARED || part.startsWith(PREFIX));
  return /[.:]/.test(registry!) && (first === SHARED || first === own);
}

/** Without the digest, which no project hangs on. */
function messageOf(name: string, own: string, targets: ReadonlySet<string>): string {
  const places = targets.size > 0 ? [...targets] : ["<registry>"];
  const allowed = places.flatMap((place) => [`${place}/${SHARED}/…`, `${place}/${own}/…`]);
  return `is ${printable(name.replace(/@sha(256|512):.*$/s, ""))}; allowed is ${allowed.join(" or ")}`;
}

const NO_TARGETS: ReadonlySet<string> = new Set();

/** The mirrors that the charts of a cluster lie in. */
function targetsOf(graph: ResourceGraph, cluster: string): ReadonlySet<string> {
  return targetsByCluster(graph).get(cluster) ?? NO_TARGETS;
}

const targetsByCluster = perGraph((graph): ReadonlyMap<string, ReadonlySet<string>> => {
  const clusters = new Map<string, Set<string>>();
  for (const { scope, reference } of graph.charts) {
    const chart = typeof reference === "string" ? readChartReference(reference) : undefined;
    const end = chart?.repository.indexOf(CHARTS) ?? -1;
    if (end < 0) continue;
    const targets = clusters.get(scope.cluster) ?? new Set<string>();
    clusters.set(scope.cluster, targets.add(chart!.repository.slice(0, end)));
  }
  return clusters;
});
