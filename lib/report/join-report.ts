import type { JoinRecord } from "../join/record";
import { markdownTable } from "../support/text-table";
import { bullets, code, count, page } from "./markdown";

/** `G.3.5_node_join.md` */
export function nodeJoinPage(records: readonly JoinRecord[]): string {
  const joined = records.filter(({ outcome }) => outcome === "joined");
  return page(
    "Node join",
    `${count(joined.length, "node")} of ${records.length} joined, each with a one-time token and a signed claim.`,
    markdownTable(
      ["cluster", "pool", "node", "labels", "outcome", "steps"],
      records.map(({ cluster, pool, node, labels, outcome, steps }) => [
        cluster,
        pool,
        node,
        Object.entries(labels)
          .map(([key, value]) => code(`${key}=${value}`))
          .join(" "),
        outcome,
        steps.map(({ step }) => step).join(", "),
      ]),
    ),
    "## Next",
    bullets([
      "The nodes of this run are simulated; token, claim, gateway and certificate requests are the ones that a real node meets.",
      "A node whose name has joined before is refused until an operator re-keys it.",
    ]),
  );
}
