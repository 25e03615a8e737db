import { planFleetMirror } from "../fleet/plan-fleet-mirror";
import { readFleet } from "../fleet/read-fleet";
import type { MirrorPlan } from "../registry/mirror/plan";
import { textTable } from "../support/text-table";
import type { CommandContext } from "./command-context";

/** Shows what a mirror copies where, from the fleet's lock. */
export function showMirrorPlan(
  { terminal }: CommandContext,
  path: string,
  { json }: { json?: true },
): void {
  const loaded = readFleet(path, terminal.environment);
  const plan = planFleetMirror(loaded);
  terminal.out(`${json ? JSON.stringify(plan, null, 2) : planTable(plan)}\n`);
}

/** A plan for people, one line an image. */
export function planTable({ images }: MirrorPlan): string {
  return textTable(
    ["image", "from", "to", "tag", "bytes"],
    images.map(({ name, from, to, tag, bytes }) => [name, from, to, tag, String(bytes)]),
  );
}
