import { stageOf, STAGES } from "../kubernetes/apply-order";
import { declaredDependencies, neverApplied } from "./declared-dependencies";
import { hasChart } from "./fact-subjects";
import type { ResourceGraph, Scope } from "./graph";
import { scopeKey } from "./graph";
import { groupBy } from "./group-by";
import { perGraph } from "./per-graph";
import { LATENCIES, latencyOf } from "./provision-latency";
import type { Latency } from "./provision-latency";
import type { ProvisionStep } from "./provision-simulation";
import type { ObjectSubject } from "./subjects";
import { objects } from "./subjects";

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

/** Every scope that has objects. */
export const provisionings = perGraph((graph): readonly Provisioning[] => {
  // Objects of one scope mostly share it, which is found faster than its key.
  const byScope = groupBy(objects(graph), ({ scope }) => scope);
  const byKey = groupBy(byScope.values(), ([first]) => scopeKey(first!.scope));
  const stages = new Map<string, number>();
  return [...byKey.values()].map((groups) => provisioningOf(groups.flat(), stages));
});

/** @param stageOfKind the positions of the stages that were looked up before. */
function provisioningOf(
  own: readonly ObjectSubject[],
  stageOfKind: Map<string, number>,
): Provisioning {
  const unknown: ObjectSubject[] = [];
  const stages = STAGES.map((): TimedObject[] => []);
  for (const subject of own) {
    const latency = measured(subject, (failure) => unknown.push({ ...subject, failure }));
    const { object } = subject.node;
    let stage = stageOfKind.get(object.kind);
    if (stage === undefined) {
      stageOfKind.set(object.kind, (stage = STAGES.indexOf(stageOf(object))));
    }
    stages[stage]!.push({ subject, latency });
  }
  return { scope: own[0]!.scope, stages, unknown };
}

function measured(subject: ObjectSubject, fail: (error: Error) => void): Latency {
  try {
    if (subject.failure !== undefined) throw subject.failure;
    return latencyOf(subject.node.object);
  } catch (error) {
    fail(error instanceof Error ? error : new TypeError("the object cannot be read"));
    return LATENCIES.write;
  }
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
  const declared = declaredDependencies(graph);
  let total = hasChart(graph, scope) ? LATENCIES.chart.p99 : 0;
  for (const stage of stages) {
    let sum = 0;
    let slowest = 0;
    for (const { latency } of stage) {
      sum += latency.p99;
      if (latency.p99 > slowest) slowest = latency.p99;
    }
    const isFree = declared.size === 0 || !stage.some(({ subject }) => declared.has(subject));
    if (!isFree) total += sum;
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
  for (const stage of stages.filter(({ length }) => length > 0)) {
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

/** What waits in a circle is P6-5's finding, and counts as if it did not wait. */
function dependenciesOf(
  graph: ResourceGraph,
  subject: ObjectSubject,
  positions: ReadonlyMap<ObjectSubject, number>,
): number[] {
  const declared = declaredDependencies(graph).get(subject);
  if (declared === undefined || neverApplied(graph).has(subject)) return [];
  // What is not of this scope is somebody else's to provision.
  return [...new Set(declared.on)].flatMap((other) => positions.get(other) ?? []);
}
