import type { Secret } from "../support/secret";

/** One of the two ends of a replication. */
export type End = "primary" | "secondary";

/** What one version of a secret is: readable, soft-deleted (can come back) or destroyed (cannot). */
export type VersionState = "live" | "deleted" | "destroyed";

/** One version as the store's metadata tells it, without its value. */
export interface VersionMetadata {
  readonly state: VersionState;
  /** RFC 3339. */
  readonly createdAt: string;
  /** RFC 3339; on a deleted version, or in the future on a live one that expires. */
  readonly deletedAt?: string;
}

/** What a store knows of a secret besides its values. */
export interface SecretMetadata {
  /** The newest version's number; 0 if there is metadata but no version yet. */
  readonly currentVersion: number;
  /** How many versions the secret keeps; 0 for the mount's own number. */
  readonly maxVersions: number;
  readonly casRequired: boolean;
  readonly customMetadata: Readonly<Record<string, string>>;
  /** The versions that are kept, by number, oldest first. */
  readonly versions: ReadonlyMap<number, VersionMetadata>;
}

/** One version of a secret. */
export type SecretVersion =
  | {
      readonly version: number;
      readonly state: "live";
      /** The value: a JSON object's text, see `payload.ts`. */
      readonly payload: Secret;
    }
  | { readonly version: number; readonly state: "deleted" | "destroyed" };

/** What may be set on a secret as a whole; what is absent stays as it is. */
export interface MetadataChange {
  /** 0 to 2^32 - 1; 0 for the mount's own number. Takes effect with the next write. */
  readonly maxVersions?: number;
  readonly casRequired?: boolean;
  /** Replaces all of it: at most 64 printable entries, keys up to 128 bytes, values up to 512. */
  readonly customMetadata?: Readonly<Record<string, string>>;
}

/**
 * One KV version 2 mount. Paths are relative to the mount, without slashes at the ends.
 *
 * Every method throws `VaultUnreachable`, `VaultForbidden` or `VaultRefused`.
 * Source: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, and OpenBao 2.7.2 as it answers.
 */
export interface KvStore {
  /** A text that is equal for two stores exactly if they are the same mount of the same server. */
  identify(): Promise<string>;

  /**
   * The names directly below a folder (empty for the root), sorted; folders end in a slash. No such
   * folder gives none. Secrets stay in the listing when their versions are deleted or destroyed.
   */
  list(folder: string): Promise<readonly string[]>;

  /** @returns undefined if there is no such secret. */
  readMetadata(path: string): Promise<SecretMetadata | undefined>;

  /**
   * @param version the newest one if it is left out.
   * @returns undefined if there is no such secret or version, which a deleted or destroyed version is not.
   */
  readVersion(path: string, version?: number): Promise<SecretVersion | undefined>;

  /**
   * Writes a new version and gives its number.
   *
   * @param cas the current version's number, 0 if there is none; without it nothing is compared.
   * @throws VaultConflict if `cas` is not the current version.
   */
  write(path: string, payload: Secret, cas?: number): Promise<number>;

  /** Soft-deletes versions. What is not there or destroyed stays as it is; so do the next two. */
  deleteVersions(path: string, versions: readonly number[]): Promise<void>;
  undeleteVersions(path: string, versions: readonly number[]): Promise<void>;
  /** Destroys the values of versions for good. */
  destroyVersions(path: string, versions: readonly number[]): Promise<void>;

  /** Sets metadata; makes the secret, without a version, if there is none. */
  writeMetadata(path: string, change: MetadataChange): Promise<void>;

  /** Removes a secret with all its versions; none is no error. */
  remove(path: string): Promise<void>;
}
