import { join } from "node:path";
import { applyMirror } from "../registry/mirror/apply";
import type { MirrorProgress } from "../registry/mirror/progress";
import type { MirrorPlan } from "../registry/mirror/plan";
import type { RegistryClient, SourceOf } from "../registry/registry-client";
import type { MirrorState } from "../registry/mirror/state";
import type { SigningKey } from "../signing/key";
import { systemClock } from "../support/clock";
import { withLock } from "../support/lock";
import { MirrorJournal } from "./mirror-journal";
import { chartReference } from "../chart/package";
import { publishChart } from "./publish-chart";
import type { PublishedChart } from "./publish-chart";

export interface MirrorRun {
  readonly plan: MirrorPlan;
  /** Folder of `mirror_state.json` and `atom.signatures.json`, and of the lock that keeps a second run out. */
  readonly folder: string;
  readonly key: SigningKey;
  /** Gives the client of a source's registry. */
  readonly sourceOf: SourceOf;
  readonly target: RegistryClient;
  /** Asks for every image again, also what is on record as whole. @default false */
  readonly full?: boolean;
  /** Ends the run between two steps of an image; what is done by then is on record. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MirrorProgress) => void;
}

export interface MirrorRunResult {
  readonly state: MirrorState;
  readonly chart: PublishedChart;
}

/**
 * Copies, signs and verifies a plan's images, publishes the chart beside them, and writes what became
 * of each into the mirror's files.
 *
 * @throws UsageError if another run holds the folder, or a file in it is not understood.
 */
export function mirrorFleet(run: MirrorRun): Promise<MirrorRunResult> {
  return withLock(join(run.folder, ".atom", "mirror.lock"), () => carryOut(run));
}

async function carryOut(run: MirrorRun): Promise<MirrorRunResult> {
  const { plan, folder, key, sourceOf, target, full = false, signal, onProgress } = run;
  const journal = new MirrorJournal(plan, folder, [chartReference(plan.target)]);
  try {
    const { state } = await applyMirror(plan, {
      sourceOf,
      target,
      key,
      clock: systemClock,
      record: journal.record,
      full,
      onImage: (outcome) => journal.add(outcome),
      onProgress: (progress) => {
        signal?.throwIfAborted();
        onProgress?.(progress);
      },
    });
    signal?.throwIfAborted();
    const chart = await publishChart(plan.target, target, key);
    if (chart.signature !== undefined) journal.addSignature(chart.signature);
    return { state, chart };
  } finally {
    journal.write();
  }
}
