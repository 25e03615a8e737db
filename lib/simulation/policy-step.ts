import type { Fleet } from "../fleet/schema";
import { evaluate } from "../policy/evaluation/evaluate";
import type { MetricsNode, ReplicaNode } from "../policy/graph/graph";
import { graphFromResources } from "../policy/graph/graph-from-resources";
import { policyMatrix } from "../policy/matrix";
import type { PolicyMatrix } from "../policy/matrix";
import { ALL_RULES } from "../policy/rules";
import type { RecordedStack } from "./record-stack";
import type { StepContext, StepReport } from "./step";

/** Decides P1 to P7 over everything that the fleet's stacks registered. */
export function monitorPolicies(
  fleet: Fleet,
  options: {
    readonly stacks: readonly RecordedStack[];
    readonly trustedKeys: readonly string[];
    /** What the daemons serve. */
    readonly metrics: readonly MetricsNode[];
    /** What lies in the replicas of the secrets. */
    readonly replicas: readonly ReplicaNode[];
    /** The real one: a waiver expires for everybody on the same day. */
    readonly now: Date;
  },
  { log, progress }: StepContext,
): Promise<StepReport<PolicyMatrix>> {
  const resources = options.stacks.flatMap((stack) => stack.resources);
  const graph = graphFromResources(resources, options);
  const matrix = policyMatrix(graph, evaluate(graph, ALL_RULES), fleet.waivers ?? [], options.now);
  let standing = 0;
  let waived = 0;
  for (const { cluster, findings } of matrix.clusters) {
    for (const finding of findings) {
      if (finding.waiver === undefined) standing += 1;
      else waived += 1;
      log[finding.waiver === undefined ? "error" : "warn"]({ cluster, ...finding }, "finding");
    }
    progress(`${cluster}: ${findings.length} findings`);
  }
  return Promise.resolve({
    result: matrix,
    outcome: matrix.outcome === "pass" ? "ok" : "failed",
    summary: [
      `${ALL_RULES.length} rules over ${graph.objects.length} objects`,
      standing === 0 ? "no violation" : `${standing} violations`,
      ...(waived === 0 ? [] : [`${waived} waived`]),
    ].join(", "),
  });
}
