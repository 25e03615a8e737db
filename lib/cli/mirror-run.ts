import { mirrorFleet } from "../fleet/mirror-fleet";
import type { PublishedChart } from "../fleet/publish-chart";
import { parseTarget } from "../registry/mirror/plan";
import type { MirrorPlan } from "../registry/mirror/plan";
import { failedImages } from "../registry/mirror/state";
import type { MirrorState } from "../registry/mirror/state";
import type { SourceOf } from "../registry/registry-client";
import type { SigningKey } from "../signing/key";
import type { CommandContext } from "./command-context";
import { showMirror } from "./mirror-progress";
import { tellOfNoAnswer } from "./no-answer";
import { registries } from "./registries";
import { EXIT } from "./terminal";

/** What is mirrored, and where it is written down. */
export interface MirrorJob {
  readonly plan: MirrorPlan;
  /** Folder of the state files. */
  readonly folder: string;
  /** Gives the client that images are read through. @default - that of their registry */
  readonly sourceOf?: SourceOf;
}

/** Mirrors images and chart, shows how they come along, and says how it ended. */
export async function runMirror(
  { terminal, signal, finish }: CommandContext,
  { plan, folder, sourceOf }: MirrorJob,
  { key, full }: { readonly key: SigningKey; readonly full: boolean },
): Promise<void> {
  const registryOf = registries(terminal.environment, plan.target, (text) => display.say(text));
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
  tellOfNoAnswer(terminal, state.images);
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
