import type { Clock } from "../support/clock";
import type { Secret } from "../support/secret";
import { customMetadataProblem } from "./custom-metadata";
import { kvPathProblem } from "./kv-path";
import type {
  KvStore,
  MetadataChange,
  SecretMetadata,
  SecretVersion,
  VersionMetadata,
  VersionState,
} from "./kv-store";
import { VaultConflict, VaultRefused } from "./vault-error";

/** How many versions a mount keeps where neither the secret nor the mount says. */
const DEFAULT_MAX_VERSIONS = 10;

interface StoredVersion {
  readonly createdAt: string;
  payload: Secret | undefined;
  deletedAt?: string;
}

interface StoredSecret {
  currentVersion: number;
  maxVersions: number;
  casRequired: boolean;
  customMetadata: Readonly<Record<string, string>>;
  readonly versions: Map<number, StoredVersion>;
}

let serial = 0;

/**
 * A KV version 2 mount in memory, with the behaviour of Vault and OpenBao: what a simulation runs
 * on. Its times come from a clock, so that the same calls give the same store.
 */
export class MemoryKvStore implements KvStore {
  readonly #secrets = new Map<string, StoredSecret>();
  readonly #clock: Clock;
  readonly #mountMaxVersions: number;
  readonly #identity = `memory ${(serial += 1)}`;

  /** @param maxVersions what the mount is configured to keep; 0 for Vault's own default of 10. */
  constructor(clock: Clock, { maxVersions = 0 }: { readonly maxVersions?: number } = {}) {
    this.#clock = clock;
    this.#mountMaxVersions = maxVersions;
  }

  identify(): Promise<string> {
    return Promise.resolve(this.#identity);
  }

  list(folder: string): Promise<readonly string[]> {
    return answer(() => {
      const prefix = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
      const names = new Set<string>();
      for (const path of this.#secrets.keys()) {
        if (!path.startsWith(prefix)) continue;
        const rest = path.slice(prefix.length);
        const slash = rest.indexOf("/");
        names.add(slash < 0 ? rest : rest.slice(0, slash + 1));
      }
      return [...names].sort();
    });
  }

  readMetadata(path: string): Promise<SecretMetadata | undefined> {
    return answer(() => {
      const secret = this.#find(path);
      if (secret === undefined) return undefined;
      const { currentVersion, maxVersions, casRequired, customMetadata } = secret;
      const versions = new Map<number, VersionMetadata>();
      for (const [number, version] of secret.versions) {
        versions.set(number, {
          state: stateOf(version),
          createdAt: version.createdAt,
          ...(version.deletedAt === undefined ? {} : { deletedAt: version.deletedAt }),
        });
      }
      return { currentVersion, maxVersions, casRequired, customMetadata, versions };
    });
  }

  readVersion(path: string, version?: number): Promise<SecretVersion | undefined> {
    return answer(() => {
      const secret = this.#find(path);
      const number = version ?? secret?.currentVersion ?? 0;
      const stored = secret?.versions.get(number);
      if (stored === undefined) return undefined;
      const state = stateOf(stored);
      return state === "live"
        ? { version: number, state, payload: stored.payload! }
        : { version: number, state };
    });
  }

  write(path: string, payload: Secret, cas?: number): Promise<number> {
    return answer(() => {
      const secret = this.#find(path);
      const current = secret?.currentVersion ?? 0;
      if (cas === undefined && secret?.casRequired === true) {
        throw new VaultRefused("memory", path, "the secret asks for check-and-set");
      }
      if (cas !== undefined && cas !== current) throw new VaultConflict("memory", path);
      return this.#addVersion(secret ?? this.#create(path), payload);
    });
  }

  deleteVersions(path: string, versions: readonly number[]): Promise<void> {
    return this.#change(path, versions, (version) => {
      if (stateOf(version) === "live") version.deletedAt = this.#now();
    });
  }

  undeleteVersions(path: string, versions: readonly number[]): Promise<void> {
    return this.#change(path, versions, (version) => {
      if (stateOf(version) === "deleted") delete version.deletedAt;
    });
  }

  destroyVersions(path: string, versions: readonly number[]): Promise<void> {
    return this.#change(path, versions, (version) => {
      version.payload = undefined;
    });
  }

  writeMetadata(path: string, change: MetadataChange): Promise<void> {
    return answer(() => {
      const problem = customMetadataProblem(change.customMetadata ?? {});
      if (problem !== undefined) throw new VaultRefused("memory", path, problem);
      const secret = this.#find(path) ?? this.#create(path);
      secret.maxVersions = change.maxVersions ?? secret.maxVersions;
      secret.casRequired = change.casRequired ?? secret.casRequired;
      if (change.customMetadata !== undefined) {
        secret.customMetadata = Object.freeze({ ...change.customMetadata });
      }
    });
  }

  remove(path: string): Promise<void> {
    return answer(() => {
      this.#find(path);
      this.#secrets.delete(path);
    });
  }

  #addVersion(secret: StoredSecret, payload: Secret): number {
    secret.currentVersion += 1;
    secret.versions.set(secret.currentVersion, { createdAt: this.#now(), payload });
    const kept = Math.max(secret.maxVersions, this.#mountMaxVersions) || DEFAULT_MAX_VERSIONS;
    for (const number of [...secret.versions.keys()]) {
      if (number <= secret.currentVersion - kept) secret.versions.delete(number);
    }
    return secret.currentVersion;
  }

  #change(
    path: string,
    versions: readonly number[],
    change: (version: StoredVersion) => void,
  ): Promise<void> {
    return answer(() => {
      const secret = this.#find(path);
      for (const number of versions) {
        const version = secret?.versions.get(number);
        if (version !== undefined) change(version);
      }
    });
  }

  #find(path: string): StoredSecret | undefined {
    const problem = kvPathProblem(path);
    if (problem !== undefined) throw new VaultRefused("memory", JSON.stringify(path), problem);
    return this.#secrets.get(path);
  }

  #create(path: string): StoredSecret {
    const secret = {
      currentVersion: 0,
      maxVersions: 0,
      casRequired: false,
      customMetadata: {},
      versions: new Map<number, StoredVersion>(),
    };
    this.#secrets.set(path, secret);
    return secret;
  }

  #now(): string {
    return this.#clock.now().toISOString();
  }
}

function stateOf({ payload, deletedAt }: StoredVersion): VersionState {
  if (payload === undefined) return "destroyed";
  return deletedAt === undefined ? "live" : "deleted";
}

/** Runs at once, so that no two calls interleave, and answers as a store over a network does. */
function answer<T>(work: () => T): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error("not an error"));
  }
}
