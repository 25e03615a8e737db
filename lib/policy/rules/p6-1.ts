import { defineRule } from "../evaluation/rule";
import type { Subject } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { ninetyNinth } from "../provisioning/provision-simulation";
import type { ProvisionStep, Run } from "../provisioning/provision-simulation";
import type { Provisioning } from "../provisioning/provision-steps";
import {
  longestTime,
  platformProvisionings,
  provisionSteps,
  tenantProvisionings,
} from "../provisioning/provision-steps";
import { READINESS_BUDGET_SECONDS } from "../provisioning/readiness-budget";

type ProvisioningSubject = Subject & Partial<Provisioning>;

/** The engine's default: four resources at a time for each of four cores. */
const PARALLELISM = 16;
/** Enough for a 99th percentile; the seed is fixed, so that nothing changes without a reason. */
const RUNS = 1_000;
const SEED = 1;

/**
 * A stack is provisioned in time, as a simulation of its steps has it. Where no run
 * can take longer, nothing is simulated.
 */
export const p6Rule1 = defineRule<ProvisioningSubject>({
  id: "P6-1",
  policy: "P6",
  severity: "medium",
  title: `every tenant and every platform is provisioned within ${READINESS_BUDGET_SECONDS} s at p99`,
  why: "what takes longer than two minutes is not what was promised, and leaves no time to roll back",
  remediation:
    "shorten what the message names first: probes, minReadySeconds, deadlines of Jobs, ordered StatefulSets, declared dependencies",
  source:
    "kubernetes/community sig-scalability SLOs: pod_startup_latency, api_call_latency; pulumi up --parallel",
  inHome: (home) => tenantProvisionings(home).flatMap(subjectsOf),
  subjects: (graph) => platformProvisionings(graph).flatMap(subjectsOf),
  check({ scope, stages = [] }, report, graph) {
    if (longestTime(graph, scope, stages, PARALLELISM) <= READINESS_BUDGET_SECONDS) return;
    const steps = provisionSteps(graph, scope, stages);
    const run = simulated(graph, steps);
    if (run.makespan > READINESS_BUDGET_SECONDS) report("", describe(steps, run));
  },
});

function subjectsOf({ scope, stages, unknown }: Provisioning): readonly ProvisioningSubject[] {
  const { cluster, tenant } = scope;
  const object = tenant === undefined ? `platform ${cluster}` : `tenant ${tenant}`;
  return [{ scope, object, field: "", stages }, ...unknown];
}

/** Stacks of the same shape take the same time. */
function simulated(graph: ResourceGraph, steps: readonly ProvisionStep[]): Run {
  const shape = steps.map(({ after, p50, p99 }) => `${p50} ${p99} ${after.join()}`).join("\n");
  const runs = runsByShape(graph);
  let run = runs.get(shape);
  if (!run) {
    run = ninetyNinth(steps, { parallelism: PARALLELISM, runs: RUNS, seed: SEED });
    runs.set(shape, run);
  }
  return run;
}

const runsByShape = perGraph(() => new Map<string, Run>());

/** The critical path: `takes 131 s at p99: Namespace tenant-acme 1, Deployment tenant-acme/api 130`. */
function describe(steps: readonly ProvisionStep[], { makespan, criticalPath, durations }: Run) {
  const path = criticalPath
    .filter((at) => steps[at]!.name !== "")
    .map((at) => `${steps[at]!.name} ${durations[at]!.toFixed(1)}`);
  const total = `takes ${makespan.toFixed(1)} s at p99; at most ${READINESS_BUDGET_SECONDS} s are allowed`;
  return `${total} (seed ${SEED}): ${path.join(", ")}`;
}
