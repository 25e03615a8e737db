import { join } from "node:path";
import { FLEET_FILES } from "../fleet/fleet-files";
import { planFleetMirror } from "../fleet/plan-fleet-mirror";
import { readFleet } from "../fleet/read-fleet";
import { refuseUnderSimulation } from "../fleet/simulation-mode";
import { applyGc } from "../registry/gc/gc-apply";
import { gcPlanSchema, planGc } from "../registry/gc/gc-plan";
import type { GcDeletion, GcPlan, PlannedGc } from "../registry/gc/gc-plan";
import { MirrorRecord } from "../registry/mirror/mirror-record";
import { parseTarget } from "../registry/mirror/plan";
import type { MirrorPlan } from "../registry/mirror/plan";
import type { RegistryClient } from "../registry/registry-client";
import { readMirrorState, writeMirrorState } from "../registry/mirror/state";
import { unitedReferences, usedReferences } from "../registry/gc/used-references";
import type { UsedReferences } from "../registry/gc/used-references";
import { bytes } from "../report/markdown";
import { readSignatureSet, writeSignatureSet } from "../signing/signature-file";
import { withLock } from "../support/lock";
import { UsageError } from "../support/problem";
import { textTable } from "../support/text-table";
import { readWorkloads } from "../topology/workloads";
import type { CommandContext } from "./command-context";
import { readKeepFiles } from "./keep-files";
import type { PlanOption } from "./plan-option";
import { registries } from "./registries";
import { readPlan } from "./standard-input";

export interface GcVerbOptions extends PlanOption {
  /** Files and folders that say what is used. */
  readonly keep: readonly string[];
  /** Kube contexts of clusters that say what they use. */
  readonly context: readonly string[];
  readonly apply?: true;
  readonly json?: true;
}

/** Shows what of a fleet's mirror nothing needs any more, or takes it away. */
export async function collectMirror(
  context: CommandContext,
  fleetPath: string,
  options: GcVerbOptions,
): Promise<void> {
  const { terminal } = context;
  if (options.apply) refuseUnderSimulation(terminal.environment, "atom mirror gc --apply");
  const loaded = readFleet(fleetPath, terminal.environment);
  const { target } = loaded.fleet.registry;
  const { registry } = parseTarget(target);
  const mirror = planFleetMirror(loaded);
  const given = options.plan === undefined ? undefined : await readPlan(gcPlanSchema);
  if (options.apply) refuseBlind(options);
  const client = registries(terminal.environment, target, terminal.error)(registry);
  const used = unitedReferences([
    usedByPlan(mirror),
    readKeepFiles(options.keep, registry),
    ...(await readClusters(options.context, registry)),
  ]);
  const look = () => planNow(client, mirror, loaded.folder, used);
  if (!options.apply) {
    const { plan } = await look();
    terminal.out(`${options.json ? JSON.stringify(plan, null, 2) : gcTable(plan)}\n`);
    terminal.error("nothing was deleted; delete with --apply\n");
    return;
  }
  // Asked for here: until now there was nothing to put in order, and a signal ends it at once.
  const { signal } = context;
  await withLock(join(loaded.folder, ".atom", "mirror.lock"), async () => {
    const now = await look();
    const plan = given ?? now.plan;
    const deleted: GcDeletion[] = [];
    const onDeleted = (deletion: GcDeletion) => {
      deleted.push(deletion);
      terminal.error(`${placeOf(deletion)}: deleted\n`);
    };
    try {
      await applyGc(plan, { client, now, signal, onDeleted });
    } finally {
      if (deleted.length > 0) forget(loaded.folder, registry, deleted);
    }
    terminal.out(
      options.json ? `${JSON.stringify(plan, null, 2)}\n` : `${summary(plan)} deleted\n`,
    );
  });
}

/** Of running pods the lock says nothing: they may still be at what it had before. */
function refuseBlind({ keep, context }: GcVerbOptions): void {
  if (keep.length > 0 || context.length > 0) return;
  throw new UsageError("garbage collection", [
    {
      path: "--apply",
      message: "nothing says what is in use beside the lock",
      mend: "name the clusters with --context, or files with --keep, the lock itself if nothing runs yet",
    },
  ]);
}

function usedByPlan({ images }: MirrorPlan): UsedReferences {
  return {
    digests: new Set(images.map(({ digest }) => digest)),
    tags: new Set(images.map(({ repository, tag }) => `${repository}:${tag}`)),
  };
}

async function readClusters(
  contexts: readonly string[],
  registry: string,
): Promise<UsedReferences[]> {
  const used: UsedReferences[] = [];
  for (const context of contexts) {
    for (const text of await readWorkloads(context)) used.push(usedReferences(text, registry));
  }
  return used;
}

function planNow(
  client: RegistryClient,
  mirror: MirrorPlan,
  folder: string,
  used: UsedReferences,
): Promise<PlannedGc> {
  const state = readMirrorState(join(folder, FLEET_FILES.mirrorState));
  const recorded = new MirrorRecord(mirror.target, state, []).repositories;
  const repositories = [...mirror.images.map(({ repository }) => repository), ...recorded];
  return planGc({ target: mirror.target, client, repositories, used });
}

/** Takes what was deleted out of the mirror's files. */
function forget(folder: string, registry: string, deleted: readonly GcDeletion[]): void {
  const gone = new Set(deleted.map(({ repository, digest }) => `${repository}@${digest}`));
  const statePath = join(folder, FLEET_FILES.mirrorState);
  const state = readMirrorState(statePath);
  if (state !== undefined) {
    const images = state.images.filter(
      ({ repository, digest }) => !gone.has(`${repository}@${digest}`),
    );
    writeMirrorState(statePath, { ...state, images });
  }
  const signaturePath = join(folder, FLEET_FILES.signatures);
  const set = readSignatureSet(signaturePath);
  if (set !== undefined) {
    const places = new Set([...gone].map((place) => `${registry}/${place}`));
    const signatures = set.signatures.filter(
      ({ repository, digest }) => !places.has(`${repository}@${digest}`),
    );
    writeSignatureSet(signaturePath, { ...set, signatures });
  }
}

function gcTable(plan: GcPlan): string {
  const rows = plan.deletions.map((deletion) => [
    placeOf(deletion),
    deletion.digest,
    bytes(deletion.bytes),
    deletion.reason,
  ]);
  const table = textTable(["manifest", "digest", "size", "why"], rows);
  return rows.length === 0 ? "nothing is unused" : `${table}\n${summary(plan)} to delete`;
}

function placeOf({ repository, digest, tags }: GcDeletion): string {
  return tags.length === 0 ? `${repository}@${digest}` : `${repository}:${tags.join(",")}`;
}

function summary({ deletions }: GcPlan): string {
  const size = deletions.reduce((sum, deletion) => sum + deletion.bytes, 0);
  return `${deletions.length} manifests, ${bytes(size)}`;
}
