import { join } from "node:path";
import { FLEET_FILES, readFleetLock } from "../fleet/fleet-files";
import { readFleet } from "../fleet/read-fleet";
import { applyMirror } from "../registry/apply";
import type { MirrorProgress } from "../registry/apply";
import { mirrorPlanSchema, parseTarget, planMirror } from "../registry/plan";
import type { MirrorPlan } from "../registry/plan";
import { failedImages, writeMirrorState } from "../registry/state";
import type { MirrorState } from "../registry/state";
import type { SigningKey } from "../signing/key";
import { readSignatureSet, writeSignatureSet } from "../signing/signature-file";
import type { SignatureRecord } from "../signing/signature";
import { systemClock } from "../support/clock";
import { withLock } from "../support/lock";
import type { CommandContext } from "./command-context";
import { planTable } from "./mirror-plan";
import type { PlanOption } from "./plan-option";
import { publishChart } from "./publish-chart";
import type { PublishedChart } from "./publish-chart";
import { registries } from "./registries";
import { readSigningKey } from "./signing-key";
import { readPlan } from "./standard-input";
import { EXIT } from "./terminal";
import type { Terminal } from "./terminal";

interface MirrorTask {
  readonly plan: MirrorPlan;
  /** Folder of the state files. */
  readonly folder: string;
  /** Asked for only by a run that signs: a dry run needs no key. */
  readonly readKey: () => SigningKey;
}

/** Copies, signs and verifies a plan's images and the chart; without `apply` it shows the plan. */
export async function syncMirror(
  context: CommandContext,
  fleetPath: string,
  options: PlanOption & { apply?: true },
): Promise<void> {
  const { terminal } = context;
  const task = await readTask(terminal.environment, fleetPath, options);
  if (!options.apply) {
    terminal.out(`${planTable(task.plan)}\n`);
    terminal.error("nothing was copied; copy, sign and verify with --apply\n");
    return;
  }
  const key = task.readKey();
  await withLock(join(task.folder, ".atom", "mirror.lock"), () => carryOut(context, task, key));
}

async function readTask(
  environment: Terminal["environment"],
  fleetPath: string,
  { plan }: PlanOption,
): Promise<MirrorTask> {
  if (plan !== undefined) {
    return {
      plan: await readPlan(mirrorPlanSchema),
      folder: process.cwd(),
      readKey: () => readSigningKey(environment),
    };
  }
  const loaded = readFleet(fleetPath, environment);
  return {
    plan: planMirror(readFleetLock(loaded), { target: loaded.fleet.registry.target }),
    folder: loaded.folder,
    readKey: () => readSigningKey(environment, loaded),
  };
}

async function carryOut(
  { terminal, signal, finish }: CommandContext,
  { plan, folder }: MirrorTask,
  key: SigningKey,
): Promise<void> {
  const sourceOf = registries(terminal.environment, plan.target);
  const target = sourceOf(parseTarget(plan.target).registry);
  const onProgress = ({ image, phase }: MirrorProgress) => {
    // The one place that a copy passes again and again: here Ctrl-C ends it.
    signal.throwIfAborted();
    if (phase === "done" || phase === "failed") terminal.error(`${image}: ${phase}\n`);
  };
  const { state, signatures } = await applyMirror(plan, {
    sourceOf,
    target,
    key,
    clock: systemClock,
    onProgress,
  });
  signal.throwIfAborted();
  const chart = await publishChart(plan.target, target, key);
  terminal.error(`chart: ${chart.cause === undefined ? "done" : "failed"}\n`);

  writeMirrorState(join(folder, FLEET_FILES.mirrorState), state);
  writeSignatures(
    join(folder, FLEET_FILES.signatures),
    [...signatures, ...(chart.signature === undefined ? [] : [chart.signature])],
    [...plan.images.map(({ to }) => to), chart.reference],
  );
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

/** What this run signed, and of what it did not get to sign the signatures there were. */
function writeSignatures(
  path: string,
  made: readonly SignatureRecord[],
  wanted: readonly string[],
): void {
  const placeOf = ({ repository, digest }: SignatureRecord) => `${repository}@${digest}`;
  const places = new Set(made.map(placeOf));
  const present = readSignatureSet(path)?.signatures ?? [];
  const kept = present.filter((record) => {
    const place = placeOf(record);
    return wanted.includes(place) && !places.has(place);
  });
  writeSignatureSet(path, { version: 1, signatures: [...kept, ...made] });
}
