import type { Digest } from "../support/digest";

/** `PhaseG.3_Snapshot.json`: what a run wrote, by digest, and with what it was made. */
export interface Snapshot {
  readonly version: 1;
  readonly release: string;
  /** A tag for whoever keeps the snapshot. Nothing is tagged or pushed. */
  readonly recommendedTag: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, Digest>>;
}

export function snapshotOf(
  release: string,
  versions: Readonly<Record<string, string>>,
  files: Readonly<Record<string, Digest>>,
): Snapshot {
  return { version: 1, release, recommendedTag: `v${release}-phaseG.3`, versions, files };
}
