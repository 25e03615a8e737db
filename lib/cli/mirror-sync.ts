import { mirrorFleet } from "../fleet/mirror-fleet";
import type { PublishedChart } from "../fleet/publish-chart";
import { planFleetMirror } from "../fleet/plan-fleet-mirror";
import { readFleet } from "../fleet/read-fleet";
import { mirrorPlanSchema, parseTarget } from "../registry/mirror/plan";
import type { MirrorPlan } from "../registry/mirror/plan";
import type { SourceOf } from "../registry/registry-client";
import { failedImages } from "../registry/mirror/state";
import type { MirrorState } from "../registry/mirror/state";
import type { SigningKey } from "../signing/key";
import type { CommandContext } from "./command-context";
import { planTable } from "./mirror-plan";
import { showMirror } from "./mirror-progress";
import type { PlanOption } from "./plan-option";
import { registries } from "./registries";
import { askForSigningKey } from "./signing-key";
import { readPlan } from "./standard-input";
import { EXIT } from "./terminal";
import type { Terminal } from "./terminal";

export interface MirrorTask {
  readonly plan: MirrorPlan;
  /** Gives the client that images are read through. @default - that of their registry */
  readonly sourceOf?: SourceOf;
  /** Folder of the state files. */
  readonly folder: string;
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
  const task = await readTask(terminal, fleetPath, options);
  if (!options.apply) {
    terminal.out(`${planTable(task.plan)}\n`);
    terminal.error("nothing was copied; copy, sign and verify with --apply\n");
    return;
  }
  await carryOut(context, task, { key: await task.readKey(), full: options.full ?? false });
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

/** Mirrors a task's images, and says how it ended. */
export async function carryOut(
  { terminal, signal, finish }: CommandContext,
  { plan, folder, sourceOf }: Pick<MirrorTask, "plan" | "folder" | "sourceOf">,
  { key, full }: { readonly key: SigningKey; readonly full: boolean },
): Promise<void> {
  const registryOf = registries(terminal.environment, plan.target);
  const display = await showMirror(terminal, plan.images.length);
  const { state, chart } = await mirrorFleet({
    plan,
    folder,
    key,
    sourceOf: sourceOf ?? registryOf,
    target: registryOf(parseTarget(plan.target).registry),
    full,
    signal,
    onProgress: (progress) => display.update(progress),
  }).finally(() => display.close());
  terminal.error(`chart: ${chart.cause === undefined ? "done" : "failed"}\n`);
  const failures = failedParts(state, chart);
  for (const { name, digest, cause } of failures) terminal.error(`${name} ${digest}: ${cause}\n`);
  const whole = state.images.length - failedImages(state).length;
  terminal.out(
    `${whole} of ${state.images.length} images are copied, signed and verified; ` +
      `the chart ${chart.cause === undefined ? "is signed" : "failed"}\n`,
  );
  if (failures.length > 0) finish(EXIT.failed);
}

function failedParts(state: MirrorState, chart: PublishedChart) {
  const images = failedImages(state).map(({ name, digest, cause = "unknown cause" }) => ({
    name,
    digest,
    cause,
  }));
  const { digest, cause } = chart;
  return cause === undefined ? images : [...images, { name: "chart services", digest, cause }];
}
