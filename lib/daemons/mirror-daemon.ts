import { readTrustedKey } from "../fleet/fleet-files";
import { mirrorFleet } from "../fleet/mirror-fleet";
import { planFleetMirror } from "../fleet/plan-fleet-mirror";
import type { LoadedFleet } from "../fleet/read-fleet";
import { parseTarget } from "../registry/mirror/plan";
import type { MirrorPlan } from "../registry/mirror/plan";
import type { SourceOf } from "../registry/registry-client";
import { verifyMirror } from "../registry/mirror/verify";
import { count } from "../report/markdown";
import type { SigningKey } from "../signing/key";
import type { Reconciliation } from "./daemon";
import type { MirrorMetrics } from "./mirror-metrics";

export interface MirrorDaemonOptions {
  /** Gives the clients for a mirror's target. */
  readonly sourceOf: (target: string) => SourceOf;
  readonly metrics?: MirrorMetrics | undefined;
  /**
   * The key to sign with: each pass copies and signs what is missing then.
   *
   * @default - a pass only looks
   */
  readonly readKey?: ((loaded: LoadedFleet) => SigningKey) | undefined;
}

/** One pass over a fleet's mirror: looks whether it is whole, or keeps it in step with its lock. */
export function passMirror(
  loaded: LoadedFleet,
  options: MirrorDaemonOptions,
): Promise<Reconciliation> {
  const plan = planFleetMirror(loaded);
  return options.readKey === undefined
    ? verify(plan, loaded, options)
    : sync(plan, loaded, { ...options, key: options.readKey(loaded) });
}

async function verify(
  plan: MirrorPlan,
  loaded: LoadedFleet,
  { sourceOf, metrics }: MirrorDaemonOptions,
): Promise<Reconciliation> {
  const client = sourceOf(plan.target)(parseTarget(plan.target).registry);
  const verification = await verifyMirror(plan, client, [readTrustedKey(loaded)]);
  metrics?.verified(verification);
  const { images } = verification;
  const bad = images.flatMap(({ name, verification: found }) =>
    found.verified ? [] : [`${name}: ${found.reason}`],
  );
  return result(images.length, bad);
}

async function sync(
  plan: MirrorPlan,
  { folder }: LoadedFleet,
  { sourceOf, metrics, key }: MirrorDaemonOptions & { readonly key: SigningKey },
): Promise<Reconciliation> {
  const clients = sourceOf(plan.target);
  const target = clients(parseTarget(plan.target).registry);
  const { state, chart } = await mirrorFleet({ plan, folder, key, sourceOf: clients, target });
  metrics?.synced(state, chart.cause === undefined);
  const bad = state.images.flatMap(({ name, digest, outcome, cause }) =>
    outcome === "failed" ? [`${name} ${digest}: ${cause}`] : [],
  );
  return result(
    state.images.length,
    chart.cause === undefined ? bad : [...bad, `chart: ${chart.cause}`],
  );
}

function result(images: number, bad: readonly string[]): Reconciliation {
  return bad.length === 0
    ? { healthy: true, summary: `${count(images, "image")} whole and signed` }
    : { healthy: false, summary: `${bad.length} of ${images} images: ${bad.join("; ")}` };
}
