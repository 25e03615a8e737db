import { stageOf, STAGES } from "../../kubernetes/apply-order";
import type { ResourceGraph, Scope } from "../graph/graph";
import { scopeKey } from "../graph/graph";
import { objectsIn, perHome } from "../graph/home";
import type { ObjectSubject } from "../graph/home";
import { homes } from "../graph/homes";
import { perGraph } from "../graph/per-graph";
import { byText } from "../reading/shape";
import { hasChart } from "../subjects/fact-subjects";
import { declaredDependencies, declares, neverApplied } from "./declared-dependencies";
import { LATENCIES, latencyOf } from "./provision-latency";
import type { Latency } from "./provision-latency";
import type { ProvisionStep } from "./provision-simulation";

/** What is provisioned at one go, a tenant's stack or a cluster's platform, stage by stage. */
export interface Provisioning {
  readonly scope: Scope;
  readonly stages: readonly (readonly TimedObject[])[];
  /** Objects whose time is not known, each with the reason; it counts as that of a plain write. */
  readonly unknown: readonly ObjectSubject[];
}

interface TimedObject {
  readonly subject: ObjectSubject;
  readonly latency: Latency;
}

/**
 * A tenant's stack, which is what it has in one namespace: what it has elsewhere, P5-2 refuses.
 */
export const tenantProvisionings = perHome((home): readonly Provisioning[] =>
  provisioningsOf(objectsIn(home).filter(({ scope }) => scope.tenant !== undefined)),
);

/** The platform of each cluster, in whatever namespaces. */
export const platformProvisionings = perGraph((graph): readonly Provisioning[] =>
  provisioningsOf(homes(graph).all.flatMap(platformObjects)),
);

const platformObjects = perHome((home) =>
  objectsIn(home).filter(({ scope }) => scope.tenant === undefined),
);

/** Every stack that has objects. */
export function provisionings(graph: ResourceGraph): readonly Provisioning[] {
  return [...platformProvisionings(graph), ...homes(graph).all.flatMap(tenantProvisionings)];
}

interface GrowingProvisioning extends Provisioning {
  readonly stages: readonly TimedObject[][];
  readonly unknown: ObjectSubject[];
}

function provisioningsOf(subjects: readonly ObjectSubject[]): Provisioning[] {
  const all = new Map<string, GrowingProvisioning>();
  let own: GrowingProvisioning | undefined;
  for (const subject of subjects) {
    // Objects of one scope mostly share it, which is found faster than its key.
    if (own?.scope !== subject.scope) own = growing(subject.scope, all);
    addTo(own, subject);
  }
  return [...all.values()];
}

function growing(scope: Scope, all: Map<string, GrowingProvisioning>): GrowingProvisioning {
  const key = scopeKey(scope);
  let own = all.get(key);
  if (!own) all.set(key, (own = { scope, stages: STAGES.map(() => []), unknown: [] }));
  return own;
}

function addTo({ stages, unknown }: GrowingProvisioning, subject: ObjectSubject): void {
  const { object } = subject.node;
  let latency: Latency = LATENCIES.write;
  try {
    if (subject.failure !== undefined) throw subject.failure;
    latency = latencyOf(object);
  } catch (error) {
    const failure = error instanceof Error ? error : new TypeError("the object cannot be read");
    unknown.push({ ...subject, failure });
  }
  stages[STAGES.indexOf(stageOf(object))]!.push({ subject, latency });
}

/**
 * The seconds that no run of a provisioning exceeds, whatever its steps take up to their p99: the
 * stages' sum. One without dependencies in it takes its slowest step, or, with more steps than
 * slots, at most what Graham's bound says.
 */
export function longestTime(
  graph: ResourceGraph,
  scope: Scope,
  stages: Provisioning["stages"],
  parallelism: number,
): number {
  let total = hasChart(graph, scope) ? LATENCIES.chart.p99 : 0;
  for (const stage of stages) {
    let sum = 0;
    let slowest = 0;
    for (const { latency } of stage) {
      sum += latency.p99;
      if (latency.p99 > slowest) slowest = latency.p99;
    }
    if (stage.some(({ subject }) => declares(subject))) total += sum;
    else if (stage.length <= parallelism) total += slowest;
    else total += sum / parallelism + slowest * (1 - 1 / parallelism);
  }
  return total;
}

/**
 * The steps of a provisioning. The chart is verified first. Then the objects go stage by stage,
 * each after all of the stage before, as the engine is told; what an object declares to wait for
 * comes on top. A step of no time stands between the stages, so that there are as many edges as
 * objects.
 */
export function provisionSteps(
  graph: ResourceGraph,
  scope: Scope,
  stages: Provisioning["stages"],
): ProvisionStep[] {
  const steps: ProvisionStep[] = [];
  const positions = new Map<ObjectSubject, number>();
  let before: readonly number[] = [];
  if (hasChart(graph, scope)) {
    before = [steps.push({ name: "chart", after: [], ...LATENCIES.chart }) - 1];
  }
  for (const stage of stages.filter(({ length }) => length > 0).map(slowestFirst)) {
    const first = steps.length;
    stage.forEach(({ subject }, index) => positions.set(subject, first + index));
    for (const { subject, latency } of stage) {
      const after = [...before, ...dependenciesOf(graph, subject, positions)];
      steps.push({ name: subject.object, after, ...latency });
    }
    const all = stage.map((_, index) => first + index);
    before = [steps.push({ name: "", after: all, p50: 0, p99: 0 }) - 1];
  }
  return steps;
}

/**
 * The order in which manifests stand in files decides nothing, and so not who waits for a slot either.
 * Of equally slow ones the name does.
 */
function slowestFirst(stage: readonly TimedObject[]): readonly TimedObject[] {
  return [...stage].sort(
    (a, b) =>
      b.latency.p99 - a.latency.p99 ||
      b.latency.p50 - a.latency.p50 ||
      byText(a.subject.object, b.subject.object),
  );
}

/** What waits in a circle is P6-5's finding, and counts as if it did not wait. */
function dependenciesOf(
  graph: ResourceGraph,
  subject: ObjectSubject,
  positions: ReadonlyMap<ObjectSubject, number>,
): number[] {
  if (!declares(subject) || neverApplied(graph).has(subject)) return [];
  const { on } = declaredDependencies(graph).get(subject)!;
  // What is not of this scope is somebody else's to provision.
  return [...new Set(on)].flatMap((other) => positions.get(other) ?? []);
}
