import type { Secret } from "../support/secret";
import type { KvStore, VersionState } from "./kv-store";

/** One secret with all its versions, as it is read from a store. */
export interface SecretSet {
  /** The newest version's number; 0 if there is none yet. */
  readonly currentVersion: number;
  readonly maxVersions: number;
  readonly customMetadata: Readonly<Record<string, string>>;
  /** The versions that are kept, oldest first. */
  readonly versions: ReadonlyMap<number, SetVersion>;
}

export type SetVersion =
  | { readonly state: "live"; readonly payload: Secret }
  | { readonly state: Exclude<VersionState, "live"> };

/**
 * Reads a secret with all its versions. Where metadata and a version disagree (clocks differ, a
 * version was deleted meanwhile), the version's own answer counts.
 *
 * @returns undefined if there is no such secret.
 */
export async function readSecretSet(store: KvStore, path: string): Promise<SecretSet | undefined> {
  const metadata = await store.readMetadata(path);
  if (metadata === undefined) return undefined;
  const versions = new Map<number, SetVersion>();
  for (const [number, { state }] of metadata.versions) {
    const version = state === "live" ? await store.readVersion(path, number) : { state };
    if (version !== undefined) versions.set(number, version);
  }
  const { currentVersion, maxVersions, customMetadata } = metadata;
  return { currentVersion, maxVersions, customMetadata, versions };
}
