import type { SigningKey } from "../signing/key";
import type { Clock } from "../support/clock";
import type { Secret } from "../support/secret";
import { compareSecret } from "./compare-secret";
import type { ReplicationStep } from "./compare-secret";
import type { KvStore } from "./kv-store";
import { PayloadComparison } from "./payload-comparison";
import { PLACEHOLDER } from "./payload";
import { ownMetadata, SIGNATURE_ENTRY, signReplica, verifyReplicaSet } from "./replica-signature";
import { readSecretSet } from "./secret-set";
import type { SecretSet } from "./secret-set";
import type { SyncLog } from "./sync-log";
import { VaultConflict } from "./vault-error";

interface Ends {
  readonly primary: KvStore;
  readonly secondary: KvStore;
  readonly key: SigningKey;
  readonly clock: Clock;
  readonly log: SyncLog;
}

/** Carries out single steps on the far side, counts them and logs them. */
export class ReplicaWriter {
  readonly #mount: string;
  readonly #ends: Ends;
  readonly #lifetime: number;
  readonly #values = new PayloadComparison();
  /** The secret that is being written anew, as it was read before its replica was removed. */
  #kept: { readonly path: string; readonly source: SecretSet } | undefined;
  #tried = 0;
  #writes = 0;

  /** @param lifetime of a signature, milliseconds. */
  constructor(mount: string, ends: Ends, lifetime: number) {
    this.#mount = mount;
    this.#ends = ends;
    this.#lifetime = lifetime;
  }

  /** Writes that were begun, whether or not an answer came. */
  get tried(): number {
    return this.#tried;
  }

  /** Writes that the far side took. */
  get writes(): number {
    return this.#writes;
  }

  /**
   * Carries out one step; what was done already is left as it is.
   *
   * @throws VaultError, `VaultConflict` if one of the ends is no longer as it was when it was planned.
   */
  async carryOut(path: string, step: ReplicationStep): Promise<void> {
    const { secondary } = this.#ends;
    switch (step.action) {
      case "remove":
      case "reset":
        return this.#remove(path, step.action);
      case "configure": {
        const { maxVersions } = step;
        return this.#do(path, step.action, null, () =>
          secondary.writeMetadata(path, { maxVersions }),
        );
      }
      case "write":
        return this.#write(path, step.version, step.content);
      case "undelete":
        return this.#each(path, step, (versions) => secondary.undeleteVersions(path, versions));
      case "delete":
        return this.#each(path, step, (versions) => secondary.deleteVersions(path, versions));
      case "destroy":
        return this.#each(path, step, (versions) => secondary.destroyVersions(path, versions));
      case "sign":
        return this.#sign(path);
    }
  }

  /** Signs an unchanged replica anew if its signature is not good or past half its life. */
  async renewSignature(path: string): Promise<boolean> {
    const replica = await this.#readReplica(path);
    const now = this.#ends.clock.now();
    const halfway = new Date(now.getTime() + this.#lifetime / 2);
    if ([now, halfway].every((time) => this.#isVerified(path, replica, time))) {
      this.#log(path, "verify", replica.currentVersion, "VERIFIED");
      return false;
    }
    await this.#sign(path);
    return true;
  }

  /**
   * Removes a replica, if the primary still is as it was planned: gone, or there to write anew. What
   * is to be written anew is read before, so that a primary that goes away takes no replica along.
   */
  async #remove(path: string, action: "remove" | "reset"): Promise<void> {
    const { primary, secondary } = this.#ends;
    const source = await readSecretSet(primary, path);
    if ((source === undefined) !== (action === "remove")) throw new VaultConflict("primary", path);
    if (source !== undefined) this.#kept = { path, source };
    await this.#do(path, action, null, () => secondary.remove(path));
  }

  async #sourceOf(path: string, version: number): Promise<Secret> {
    const kept = this.#kept?.path === path ? this.#kept.source.versions.get(version) : undefined;
    const source = kept ?? (await this.#ends.primary.readVersion(path, version));
    if (source?.state !== "live") throw new VaultConflict("primary", path);
    return source.payload;
  }

  async #write(path: string, version: number, content: "value" | "placeholder"): Promise<void> {
    const { secondary } = this.#ends;
    const payload = content === "value" ? await this.#sourceOf(path, version) : PLACEHOLDER;
    try {
      await this.#do(path, "write", version, () => secondary.write(path, payload, version - 1));
    } catch (error) {
      if (!(error instanceof VaultConflict)) throw error;
      // Perhaps it was our own write, whose answer was lost.
      const found = await secondary.readVersion(path, version);
      if (found?.state !== "live" || !this.#values.equal(found.payload, payload)) throw error;
      this.#log(path, "write", version, "DONE_BEFORE");
    }
  }

  /** Signs the replica if it equals the primary, and verifies what the far side then has. */
  async #sign(path: string): Promise<void> {
    const { primary, secondary, key, clock } = this.#ends;
    const source = await readSecretSet(primary, path);
    const replica = await this.#readReplica(path);
    if (source === undefined) throw new VaultConflict("primary", path);
    // Equal but for the custom metadata, which this very step writes: nothing is left but to sign.
    const { steps } = compareSecret(source, replica, this.#values);
    if (steps.some(({ action }) => action !== "sign")) throw new VaultConflict("secondary", path);
    const set = { ...replica, customMetadata: ownMetadata(source.customMetadata) };
    const place = { mount: this.#mount, path };
    const time = { now: clock.now(), lifetime: this.#lifetime };
    const customMetadata = {
      ...set.customMetadata,
      [SIGNATURE_ENTRY]: signReplica(place, set, key, time),
    };
    await this.#do(path, "sign", set.currentVersion, () =>
      secondary.writeMetadata(path, { customMetadata }),
    );
    const written = await this.#readReplica(path);
    if (!this.#isVerified(path, written, clock.now())) {
      this.#log(path, "verify", written.currentVersion, "NOT_VERIFIED");
      throw new VaultConflict("secondary", path);
    }
    this.#log(path, "verify", written.currentVersion, "VERIFIED");
  }

  #isVerified(path: string, set: SecretSet, now: Date): boolean {
    const keys = [this.#ends.key.publicKeyPem];
    return verifyReplicaSet({ mount: this.#mount, path }, set, { keys, now }).verified;
  }

  async #readReplica(path: string): Promise<SecretSet> {
    const set = await readSecretSet(this.#ends.secondary, path);
    if (set === undefined) throw new VaultConflict("secondary", path);
    return set;
  }

  async #each(
    path: string,
    { action, versions }: { readonly action: string; readonly versions: readonly number[] },
    change: (versions: readonly number[]) => Promise<void>,
  ): Promise<void> {
    await this.#count(() => change(versions));
    for (const version of versions) this.#log(path, action, version, "DONE");
  }

  async #do(
    path: string,
    action: string,
    version: number | null,
    write: () => Promise<unknown>,
  ): Promise<void> {
    await this.#count(write);
    this.#log(path, action, version, "DONE");
  }

  async #count(write: () => Promise<unknown>): Promise<void> {
    this.#tried += 1;
    await write();
    this.#writes += 1;
  }

  #log(path: string, action: string, version: number | null, outcome: string): void {
    this.#ends.log.append({ action, path, version: version || null, outcome });
  }
}
