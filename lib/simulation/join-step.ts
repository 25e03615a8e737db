import type { Fleet } from "../fleet/schema";
import { joinInProcess } from "../join/in-process";
import { planNodePool } from "../join/plan";
import type { JoinRecord } from "../join/record";
import type { SigningKey } from "../signing/key";
import type { Clock } from "../support/clock";
import type { StepContext, StepReport } from "./step";

/** Lets the nodes of every pool join through the gateway, with one-time tokens and signed claims. */
export async function joinNodes(
  fleet: Fleet,
  options: { readonly key: SigningKey; readonly clock: Clock },
  { progress }: StepContext,
): Promise<StepReport<readonly JoinRecord[]>> {
  const { key, clock } = options;
  const records: JoinRecord[] = [];
  for (const { name: cluster, nodePool } of fleet.clusters) {
    const { name: pool, nodes, join } = nodePool;
    const plan = planNodePool({ cluster, pool, nodes, ttl: join.ttl });
    for (const record of await joinInProcess(plan, { clock, claimKey: key })) {
      records.push(record);
      progress(`${record.node}: ${record.outcome}`);
    }
  }
  const refused = records.filter(({ outcome }) => outcome === "refused");
  return {
    result: records,
    outcome: refused.length > 0 ? "failed" : "ok",
    summary:
      refused.length > 0
        ? `${refused.length} of ${records.length} nodes refused`
        : `${records.length} nodes joined`,
  };
}
