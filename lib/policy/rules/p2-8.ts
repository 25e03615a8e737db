import { identityOf } from "../../kubernetes/diff-objects";
import type { KubernetesObject } from "../../kubernetes/object";
import { objectDigest } from "../../kubernetes/object-digest";
import type { RenderRecord } from "../../signing/render-record";
import { signedRender } from "../../signing/render-record";
import { isDigest } from "../../support/digest";
import { groupBy } from "../../support/group-by";
import type { Report } from "../evaluation/rule";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph, Scope } from "../graph/graph";
import { scopeKey } from "../graph/graph";
import { objectsIn } from "../graph/home";
import { perGraph } from "../graph/per-graph";
import { fieldOf, listAt, MalformedError, recordAt, valueAt } from "../reading/read";
import { recordOf } from "../reading/shape";
import { shown } from "../reading/shown";
import { readChartReference } from "../signatures/chart-reference";
import { verificationFault } from "../signatures/signature-claim";
import type { ChartSubject } from "../subjects/fact-subjects";
import { charts } from "../subjects/fact-subjects";
import { listed } from "../subjects/subjects";
import type { ObjectSubject } from "../subjects/subjects";

/** Where a mirror keeps the chart, below its target. */
const CHARTS = "/atom/charts/";

/**
 * What a chart's component registers is what its chart came to: each object has the digest that was
 * recorded before, none is missing, and none is there besides. Where somebody signed the record, a
 * trusted key did so for this tenant on this cluster.
 */
export const p2Rule8 = defineRule<ObjectSubject | ChartSubject>({
  id: "P2-8",
  policy: "P2",
  severity: "high",
  title: "what is applied of a chart is what it was rendered to, object by object",
  why: "what is changed between the render and the cluster was signed by nobody",
  remediation:
    "change the chart's values and not what comes of them: take away the transform, or the edit, that changed the object",
  source: "kyverno verify-manifest-integrity; sigstore k8s-manifest-sigstore",
  inHome: (home) => renderedObjects(home),
  subjects: (graph) =>
    charts(graph).filter((_, index) => graph.charts[index]!.render !== undefined),
  check(subject, report, graph) {
    if ("fact" in subject) checkRecord(subject, report, graph);
    else checkObject(subject, report, graph);
  },
});

function checkObject({ node, scope }: ObjectSubject, report: Report, graph: ResourceGraph): void {
  const recorded = recordedIn(graph, scope).get(identityIn(node.object));
  if (recorded === undefined) {
    report("", "its chart has not recorded it");
    return;
  }
  const digest = digestOf(node.object);
  if (recorded.some(([, other]) => other !== digest)) {
    report("", "is not what its chart was rendered to");
  }
}

function checkRecord({ fact, scope }: ChartSubject, report: Report, graph: ResourceGraph): void {
  const recorded = recordAt(fact, "render", "objects") ?? {};
  const present = presentByScope(graph).get(scopeKey(scope));
  for (const [identity, digest] of Object.entries(recorded)) {
    if (!isDigest(digest)) {
      report(".render.objects", `the digest of ${shown(identity)} is ${shown(digest)}`);
    } else if (present?.has(identity) !== true) {
      report(".render.objects", `${shown(identity)} was rendered, and is not in the stack`);
    }
  }
  if (listAt(fact, "render", "signatures").length > 0)
    checkSignatures({ fact, scope }, report, graph);
}

function checkSignatures(
  { fact, scope }: Pick<ChartSubject, "fact" | "scope">,
  report: Report,
  graph: ResourceGraph,
): void {
  const expected = signedRender(
    { target: targetOf(fact.reference), cluster: scope.cluster, tenant: scope.tenant ?? "" },
    recordAt(fact, "render", "objects") as RenderRecord["objects"],
  );
  const faults = listAt(fact, "render", "signatures").map((signature) =>
    verificationFault(graph, signature, expected),
  );
  if (faults.includes(undefined)) return;
  const told = [...new Set(faults)].join("; ");
  report(".render.signatures", `no trusted key has signed this render: ${told}`);
}

/** The mirror's target, which the place of a render's signatures begins with. */
function targetOf(reference: unknown): string {
  const chart = typeof reference === "string" ? readChartReference(reference) : undefined;
  return chart?.repository.split(CHARTS)[0] ?? "";
}

/** What the charts of a scope recorded, by what identifies an object. */
type Recorded = ReadonlyMap<string, readonly (readonly [string, unknown])[]>;

function recordedIn(graph: ResourceGraph, scope: Scope): Recorded {
  return recordedByScope(graph).get(scopeKey(scope)) ?? NOTHING;
}

const NOTHING: Recorded = new Map();

/** Two charts may have recorded one object: then it has to be what both of them came to. */
const recordedByScope = perGraph((graph): ReadonlyMap<string, Recorded> => {
  const byScope = groupBy(graph.charts, ({ scope }) => scopeKey(scope));
  return new Map(
    [...byScope].map(([scope, nodes]) => {
      const records = nodes.map(({ render }) => recordOf(recordOf(render)["objects"]));
      return [scope, groupBy(records.flatMap(Object.entries<unknown>), ([identity]) => identity)];
    }),
  );
});

const renderedObjects = listed((home): readonly ObjectSubject[] =>
  objectsIn(home).filter(({ node }) => node.rendered === true),
);

const presentByScope = perGraph((graph): ReadonlyMap<string, ReadonlySet<string | undefined>> => {
  const byScope = groupBy(renderedObjects(graph), ({ scope }) => scopeKey(scope));
  return new Map(
    [...byScope].map(([scope, subjects]) => [scope, new Set(subjects.map(readableIdentity))]),
  );
});

/** Undefined for an object whose name is not known yet, or is none. */
function readableIdentity({ node, failure }: ObjectSubject): string | undefined {
  try {
    return failure === undefined ? identityIn(node.object) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws MalformedError for an object without a name. */
function identityIn(object: KubernetesObject): string {
  for (const path of [["apiVersion"], ["metadata", "name"]]) {
    if (typeof valueAt(object, ...path) === "string") continue;
    throw new MalformedError(fieldOf(path), "is no text");
  }
  return identityOf(object);
}

function digestOf(object: KubernetesObject): string {
  try {
    return objectDigest(object);
  } catch (error) {
    if (error instanceof TypeError) throw new MalformedError("", "holds what JSON cannot hold");
    throw error;
  }
}
