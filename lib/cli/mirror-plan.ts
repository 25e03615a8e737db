import { readFleetLock } from "../fleet/fleet-files";
import { readFleet } from "../fleet/read-fleet";
import { planMirror } from "../registry/plan";
import type { MirrorPlan } from "../registry/plan";
import { textTable } from "../support/text-table";
import type { CommandContext } from "./command-context";

/** Shows what a mirror copies where, from the fleet's lock. */
export function showMirrorPlan(
  { terminal }: CommandContext,
  path: string,
  { json }: { json?: true },
): void {
  const loaded = readFleet(path, terminal.environment);
  const plan = planMirror(readFleetLock(loaded), { target: loaded.fleet.registry.target });
  terminal.out(`${json ? JSON.stringify(plan, null, 2) : planTable(plan)}\n`);
}

/** A plan for people, one line an image. */
export function planTable({ images }: MirrorPlan): string {
  return textTable(
    ["image", "from", "to", "tag", "bytes"],
    images.map(({ name, from, to, tag, bytes }) => [name, from, to, tag, String(bytes)]),
  );
}
