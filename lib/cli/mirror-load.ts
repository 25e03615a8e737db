import { statSync } from "node:fs";
import { planFleetMirror } from "../fleet/plan-fleet-mirror";
import { readFleet } from "../fleet/read-fleet";
import { refuseUnderSimulation } from "../fleet/simulation-mode";
import { openArchive } from "../registry/archive/archive";
import type { Archive } from "../registry/archive/archive";
import { archiveName } from "../registry/archive/archive-plan";
import type { MirrorPlan } from "../registry/mirror/plan";
import { parseReference } from "../registry/reference";
import { Problems } from "../support/problem";
import { showBytes } from "./byte-progress";
import type { CommandContext } from "./command-context";
import { planTable } from "./mirror-plan";
import { runMirror } from "./mirror-run";
import { askForSigningKey } from "./signing-key";

/** Mirrors the fleet's images from what {@link saveMirror} wrote; without `apply` it only checks that. */
export async function loadMirror(
  context: CommandContext,
  fleetPath: string,
  { from, apply, full }: { from: string; apply?: true; full?: true },
): Promise<void> {
  const { terminal, signal } = context;
  if (apply) refuseUnderSimulation(terminal.environment, "atom mirror load --apply");
  const loaded = readFleet(fleetPath, terminal.environment);
  const plan = planFleetMirror(loaded);
  // Asked for before hours of reading.
  const key = apply ? await askForSigningKey(terminal, loaded) : undefined;
  const progress = await showBytes(terminal, "verified");
  const size = sizeOf(from);
  const archive = await openArchive(from, (bytes) => {
    signal.throwIfAborted();
    progress.add(bytes, size);
  }).finally(progress.close);
  await checkWhole(archive, plan, from);
  if (key === undefined) {
    terminal.out(`${planTable(plan)}\n`);
    terminal.error(
      "the archive is sound and has every image; nothing was copied; copy, sign and verify with --apply\n",
    );
    return;
  }
  const job = { plan, folder: loaded.folder, sourceOf: archive.registry };
  await runMirror(context, job, { key, full: full ?? false });
}

/** Bytes of an archive's file; undefined for a folder, and for what cannot be read: whoever opens it says so. */
function sizeOf(path: string): number | undefined {
  try {
    const file = statSync(path);
    return file.isFile() ? file.size : undefined;
  } catch {
    return undefined;
  }
}

/** @throws UsageError with every image that the archive does not have. */
async function checkWhole(archive: Archive, plan: MirrorPlan, path: string): Promise<void> {
  const problems = new Problems();
  for (const image of plan.images) {
    const { registry, repository } = parseReference(image.from);
    const found = await archive.registry(registry).headManifest(repository, image.digest);
    if (found !== undefined) continue;
    const other = archive.names.get(archiveName(image));
    problems.add(
      path,
      `has no ${archiveName(image)} of ${image.digest}` +
        (other === undefined ? "" : `; it has ${other}`),
      "save it from this lock with: atom mirror save",
    );
  }
  problems.throwIfAny("archive");
}
