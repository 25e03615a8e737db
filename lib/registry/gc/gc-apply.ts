import type { Digest } from "../../support/digest";
import { UsageError } from "../../support/problem";
import type { GcDeletion, GcPlan, PlannedGc } from "./gc-plan";
import type { RegistryClient } from "../registry-client";
import { RegistryError } from "../registry-error";
import { readTags } from "./repository-graph";

export interface ApplyGcOptions {
  readonly client: RegistryClient;
  /** What would go now; nothing else goes. */
  readonly now: PlannedGc;
  /** Ends the work between two deletions. */
  readonly signal: AbortSignal;
  /** Is told of each manifest that is gone. */
  readonly onDeleted: (deletion: GcDeletion) => void;
}

/**
 * Deletes what a plan says, in its order. Right before each deletion every tag of the repository is
 * looked at again: a tag that is new, gone, or stands for something else ends the run, for what it
 * stands for may need what is to go.
 *
 * @throws UsageError if something of the plan is used by now, or is not as it was; nothing is deleted
 * then.
 * @throws RegistryError `refused` if a repository changes meanwhile or the registry allows no deletes.
 */
export async function applyGc(
  plan: GcPlan,
  { client, now, signal, onDeleted }: ApplyGcOptions,
): Promise<void> {
  checkStands(plan, now.plan);
  const expected = new Map([...now.tags].map(([name, tags]) => [name, new Map(tags)]));
  for (const deletion of plan.deletions) {
    const { repository, digest } = deletion;
    signal.throwIfAborted();
    const tags = expected.get(repository) ?? new Map<string, Digest>();
    checkSame(repository, tags, await readTags(client, repository));
    await client.deleteManifest(repository, digest);
    for (const tag of deletion.tags) tags.delete(tag);
    onDeleted(deletion);
  }
}

function checkStands(plan: GcPlan, now: GcPlan): void {
  const key = ({ repository, digest, tags }: GcDeletion) =>
    JSON.stringify([repository, digest, tags]);
  const standing = new Set(now.deletions.map(key));
  const stale = plan.deletions.filter((deletion) => !standing.has(key(deletion)));
  if (stale.length === 0 && plan.target === now.target) return;
  throw new UsageError("garbage collection plan", [
    ...(plan.target === now.target
      ? []
      : [{ path: "target", message: `is not ${now.target}, which the fleet mirrors to` }]),
    ...stale.map(({ repository, digest }) => ({
      path: `${repository}@${digest}`,
      message: "is used by now, is gone, or has other tags than when the plan was made",
      mend: "plan anew with: atom mirror gc",
    })),
  ]);
}

function checkSame(
  repository: string,
  expected: ReadonlyMap<string, Digest>,
  found: ReadonlyMap<string, Digest>,
): void {
  for (const tag of new Set([...expected.keys(), ...found.keys()])) {
    const [before, after] = [expected.get(tag), found.get(tag)];
    if (before === after) continue;
    throw new RegistryError(
      "refused",
      `${repository}:${tag} was ${before ?? "not there"} and is ${after ?? "gone"}: ` +
        "another one writes here; nothing more is deleted, plan anew",
    );
  }
}
