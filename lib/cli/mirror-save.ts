import { planFleetMirror } from "../fleet/plan-fleet-mirror";
import { readFleet } from "../fleet/read-fleet";
import { archiveName, planArchive } from "../registry/archive/archive-plan";
import { saveArchive } from "../registry/archive/save-archive";
import { bytes } from "../report/markdown";
import { systemClock } from "../support/clock";
import { textTable } from "../support/text-table";
import { showBytes } from "./byte-progress";
import type { CommandContext } from "./command-context";
import { tellOfNoAnswer } from "./no-answer";
import { registries } from "./registries";
import { EXIT } from "./terminal";

/** Saves the fleet's images into one file; without `apply` it shows which. */
export async function saveMirror(
  { terminal, signal, finish }: CommandContext,
  fleetPath: string,
  { to, fromTarget, apply }: { to: string; fromTarget?: true; apply?: true },
): Promise<void> {
  const loaded = readFleet(fleetPath, terminal.environment);
  const { target } = loaded.fleet.registry;
  const mirror = planFleetMirror(loaded);
  const plan = planArchive(mirror, fromTarget ? "target" : "source");
  if (!apply) {
    terminal.out(
      `${textTable(
        ["image", "from", "as", "bytes"],
        plan.images.map((image, index) => [
          image.name,
          image.from,
          archiveName(mirror.images[index]!),
          String(image.bytes),
        ]),
      )}\n`,
    );
    terminal.error(`nothing was saved; write ${to} with --apply\n`);
    return;
  }
  const progress = await showBytes(terminal, "written");
  const saved = await saveArchive(plan, to, {
    sourceOf: registries(terminal.environment, target, progress.say),
    clock: systemClock,
    signal,
    onBytes: progress.add,
  }).finally(progress.close);
  for (const { name, digest, cause = "unknown cause" } of saved.failed) {
    terminal.error(`${name} ${digest}: ${cause}\n`);
  }
  if (saved.bytes === undefined) {
    tellOfNoAnswer(terminal, saved.failed);
    terminal.error(
      `${saved.failed.length} of ${plan.images.length} images failed; no file is left\n`,
    );
    finish(EXIT.failed);
    return;
  }
  terminal.out(`${plan.images.length} images saved into ${to}, ${bytes(saved.bytes)}\n`);
}
