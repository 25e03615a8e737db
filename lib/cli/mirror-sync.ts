import { planFleetMirror } from "../fleet/plan-fleet-mirror";
import { readFleet } from "../fleet/read-fleet";
import { refuseUnderSimulation } from "../fleet/simulation-mode";
import { mirrorPlanSchema } from "../registry/mirror/plan";
import type { SigningKey } from "../signing/key";
import type { CommandContext } from "./command-context";
import { planTable } from "./mirror-plan";
import { runMirror } from "./mirror-run";
import type { MirrorJob } from "./mirror-run";
import type { PlanOption } from "./plan-option";
import { askForSigningKey } from "./signing-key";
import { readPlan } from "./standard-input";
import type { Terminal } from "./terminal";

interface MirrorTask extends MirrorJob {
  /** Asked for only by a run that signs: a dry run needs no key. */
  readonly readKey: () => Promise<SigningKey>;
}

/** Copies, signs and verifies a plan's images and the chart; without `apply` it shows the plan. */
export async function syncMirror(
  context: CommandContext,
  fleetPath: string,
  options: PlanOption & { apply?: true; full?: true },
): Promise<void> {
  const { terminal } = context;
  if (options.apply) refuseUnderSimulation(terminal.environment, "atom mirror sync --apply");
  const task = await readTask(terminal, fleetPath, options);
  if (!options.apply) {
    terminal.out(`${planTable(task.plan)}\n`);
    terminal.error("nothing was copied; copy, sign and verify with --apply\n");
    return;
  }
  await runMirror(context, task, { key: await task.readKey(), full: options.full ?? false });
}

async function readTask(
  terminal: Terminal,
  fleetPath: string,
  { plan }: PlanOption,
): Promise<MirrorTask> {
  if (plan !== undefined) {
    return {
      plan: await readPlan(mirrorPlanSchema),
      folder: process.cwd(),
      readKey: () => askForSigningKey(terminal),
    };
  }
  const loaded = readFleet(fleetPath, terminal.environment);
  return {
    plan: planFleetMirror(loaded),
    folder: loaded.folder,
    readKey: () => askForSigningKey(terminal, loaded),
  };
}
