import { signBlob, verifyBlob } from "../signing/blob-signature";
import type { SigningKey } from "../signing/key";
import type { Verification } from "../signing/signature";
import { canonicalJson } from "../support/canonical-json";
import { parseDuration } from "../support/duration";
import type { KvStore } from "./kv-store";
import { openPayload } from "./payload";
import { readSecretSet } from "./secret-set";
import type { SecretSet } from "./secret-set";
import { tenantOf } from "./secret-path";

/** The entry of a replica's custom metadata that holds its signature. */
export const SIGNATURE_ENTRY = "atom-replica-signature";

const FORMAT = "atom-replica-v1";
/** How far clocks may differ before a signature counts as made in the future. */
const ALLOWED_SKEW = parseDuration("5m");

/** Which replica a signature is for. */
export interface ReplicaPlace {
  readonly mount: string;
  readonly path: string;
}

/** Custom metadata as its owner wrote it, without the signature. */
export function ownMetadata(
  metadata: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== SIGNATURE_ENTRY));
}

/**
 * Signs a replica as it is: every version with its state and value, and the custom metadata, bound
 * to mount, tenant, path and current version (so that it fits no other secret and no older state)
 * and to a time after which it counts no more. The text goes into {@link SIGNATURE_ENTRY}.
 *
 * A signature lets who has it and the public key test guesses of the value. That is why metadata of
 * a replica is to be readable only by who may read its values.
 */
export function signReplica(
  place: ReplicaPlace,
  set: SecretSet,
  key: SigningKey,
  { now, lifetime }: { readonly now: Date; readonly lifetime: number },
): string {
  const signedAt = now.toISOString();
  const expires = new Date(now.getTime() + lifetime).toISOString();
  const signature = signBlob(statement(place, set, signedAt, expires), key);
  return [FORMAT, signedAt, expires, signature].join(" ");
}

/** What a replica is checked against. */
export interface ReplicaTrust {
  /** Public keys in PEM. */
  readonly keys: readonly string[];
  readonly now: Date;
  /** The lowest version that is accepted, for who knows of one. @default 0 */
  readonly minimumVersion?: number | undefined;
}

/** Checks a replica that was read against the signature in its custom metadata. */
export function verifyReplicaSet(
  place: ReplicaPlace,
  set: SecretSet,
  { keys, now, minimumVersion = 0 }: ReplicaTrust,
): Verification {
  const entry = Object.hasOwn(set.customMetadata, SIGNATURE_ENTRY)
    ? set.customMetadata[SIGNATURE_ENTRY]
    : undefined;
  if (entry === undefined) return fails("it has no signature");
  const [format, signedAt = "", expires = "", signature = "", ...rest] = entry.split(" ");
  if (format !== FORMAT || rest.length > 0) return fails("its signature has an unknown form");
  const [start, end] = [Date.parse(signedAt), Date.parse(expires)];
  if (Number.isNaN(start) || Number.isNaN(end)) return fails("its signature has no valid times");
  if (start > now.getTime() + ALLOWED_SKEW) return fails("its signature is from the future");
  if (end <= now.getTime()) return fails(`its signature expired at ${expires}`);
  if (set.currentVersion < minimumVersion) {
    return fails(`it is at version ${set.currentVersion}; at least ${minimumVersion} is expected`);
  }
  return verifyBlob(statement(place, set, signedAt, expires), signature, keys);
}

/**
 * Reads a replica and checks its signature, as a consumer does before it trusts a value.
 *
 * @throws VaultError if the replica cannot be read: availability fails closed.
 */
export async function verifyReplica(
  store: KvStore,
  place: ReplicaPlace,
  trust: ReplicaTrust,
): Promise<Verification> {
  const set = await readSecretSet(store, place.path);
  return set === undefined ? fails("there is no such secret") : verifyReplicaSet(place, set, trust);
}

/** What a replica's signature says, without the values that it is about. */
export interface ReplicaRecord extends ReplicaPlace {
  /** The newest version that was read. */
  readonly version: number;
  /** What the signed statement binds; undefined if there is no signature that can be read. */
  readonly statement?: ReplicaBindings;
  /** Why the signature does not verify; undefined if it does. */
  readonly fault?: string;
}

/** The part of a signed statement that says which replica it is about, and until when it counts. */
export interface ReplicaBindings extends ReplicaPlace {
  readonly format: string;
  /** Null for a path in no tenant's folder. */
  readonly tenant: string | null;
  /** The newest version, so that an older state fits no more. */
  readonly version: number;
  /** ISO 8601, both. */
  readonly signedAt: string;
  readonly expires: string;
}

/** Records what the signature of a replica that was read binds, and whether it verifies. */
export function recordReplica(
  place: ReplicaPlace,
  set: SecretSet,
  trust: ReplicaTrust,
): ReplicaRecord {
  const verification = verifyReplicaSet(place, set, trust);
  const [, signedAt, expires] = set.customMetadata[SIGNATURE_ENTRY]?.split(" ") ?? [];
  const isWhole = signedAt !== undefined && expires !== undefined;
  return {
    ...place,
    version: set.currentVersion,
    ...(isWhole ? { statement: bindingsOf(place, set, signedAt, expires) } : {}),
    ...(verification.verified ? {} : { fault: verification.reason }),
  };
}

function bindingsOf(
  { mount, path }: ReplicaPlace,
  { currentVersion: version }: SecretSet,
  signedAt: string,
  expires: string,
): ReplicaBindings {
  const tenant = tenantOf(path) ?? null;
  return { format: FORMAT, mount, tenant, path, version, signedAt, expires };
}

/** The bytes that are signed: canonical JSON. They hold values and are never stored. */
function statement(
  place: ReplicaPlace,
  set: SecretSet,
  signedAt: string,
  expires: string,
): Uint8Array {
  const versions = [...set.versions].map(([number, version]) => ({
    number,
    state: version.state,
    ...(version.state === "live" ? { data: openPayload(version.payload) } : {}),
  }));
  const content = {
    ...bindingsOf(place, set, signedAt, expires),
    versions,
    customMetadata: ownMetadata(set.customMetadata),
  };
  return Buffer.from(canonicalJson(content), "utf8");
}

function fails(reason: string): Verification {
  return { verified: false, reason };
}
