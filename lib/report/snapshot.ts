import type { Digest } from "../support/digest";

/** Its name below `reports`. */
export const SNAPSHOT_FILE = "PhaseG.3_Snapshot.json";

/** What a run wrote, by digest, and with what it was made. */
export interface Snapshot {
  readonly version: 1;
  readonly release: string;
  /** A tag for whoever keeps the snapshot. Nothing is tagged or pushed. */
  readonly recommendedTag: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The render of each tenant and platform, by its folder below `reports/rendered`: `eu-west/acme`. */
  readonly renders: Readonly<Record<string, Digest>>;
  readonly files: Readonly<Record<string, Digest>>;
}

export function snapshotOf({
  release,
  ...contents
}: Pick<Snapshot, "release" | "versions" | "renders" | "files">): Snapshot {
  return { version: 1, release, recommendedTag: `v${release}-phaseG.3`, ...contents };
}
