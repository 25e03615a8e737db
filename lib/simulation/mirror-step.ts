import { join } from "node:path";
import type { Fleet } from "../fleet/schema";
import { applyMirror } from "../registry/mirror/apply";
import type { ImageLock } from "../registry/mirror/image";
import { writeImageLock } from "../registry/mirror/lock-file";
import { OciLayout } from "../registry/layout/oci-layout";
import { planMirror } from "../registry/mirror/plan";
import type { MirrorPlan } from "../registry/mirror/plan";
import type { RegistryClient } from "../registry/registry-client";
import { resolveImages } from "../registry/mirror/resolve";
import { failedImages } from "../registry/mirror/state";
import type { MirrorState } from "../registry/mirror/state";
import type { SigningKey } from "../signing/key";
import type { SignatureRecord } from "../signing/signature";
import type { Clock } from "../support/clock";
import { buildStandInImages, standInDeclarations } from "./stand-in-images";
import type { StepContext, StepReport } from "./step";

export interface MirrorStepResult {
  readonly lock: ImageLock;
  readonly plan: MirrorPlan;
  readonly state: MirrorState;
  readonly target: RegistryClient;
  readonly signatures: readonly SignatureRecord[];
}

/**
 * Mirrors stand-ins of the fleet's images from OCI layouts on disk. An image that fails is skipped
 * and named with its digest.
 */
export async function mirrorImages(
  fleet: Fleet,
  options: {
    readonly work: string;
    readonly target: RegistryClient;
    readonly key: SigningKey;
    readonly clock: Clock;
  },
  { log, progress }: StepContext,
): Promise<StepReport<MirrorStepResult>> {
  const { work, target, key, clock } = options;
  const layouts = new Map<string, OciLayout>();
  const sourceOf = (registry: string) => {
    const known = layouts.get(registry);
    if (known) return known;
    const layout = new OciLayout(join(work, "upstream", encodeURIComponent(registry)));
    layouts.set(registry, layout);
    return layout;
  };
  const images = standInDeclarations(fleet.images);
  await buildStandInImages(images, sourceOf);
  const lock = await resolveImages(images, sourceOf);
  writeImageLock(join(work, "atom.lock.json"), lock);
  const plan = planMirror(lock, { target: fleet.registry.target });
  const { state, signatures } = await applyMirror(plan, {
    sourceOf,
    target,
    key,
    clock,
    onProgress: ({ image, phase }) => {
      if (phase === "done" || phase === "failed") progress(`${image}: ${phase}`);
    },
  });
  const failed = failedImages(state);
  for (const { name, digest, cause } of failed)
    log.error({ image: name, digest, cause }, "skipped");
  return {
    result: { lock, plan, state, target, signatures },
    outcome: failed.length > 0 ? "failed" : "ok",
    summary:
      failed.length > 0
        ? `${failed.length} of ${state.images.length} images failed: ${failed.map(({ name, digest }) => `${name} ${digest}`).join(", ")}`
        : `${state.images.length} images copied, signed and verified`,
  };
}
