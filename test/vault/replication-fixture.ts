import { generateSigningKey } from "../../lib/signing/key";
import type { SigningKey } from "../../lib/signing/key";
import { SimulatedClock } from "../../lib/support/clock";
import type { KvStore } from "../../lib/vault/kv-store";
import { MemoryKvStore } from "../../lib/vault/memory-kv-store";
import { openPayload, sealPayload } from "../../lib/vault/payload";
import { ownMetadata, verifyReplica } from "../../lib/vault/replica-signature";
import { applyReplication } from "../../lib/vault/replicate";
import { planReplication } from "../../lib/vault/replication-plan";
import type { ReplicationOptions } from "../../lib/vault/replication-plan";
import { SyncLog } from "../../lib/vault/sync-log";

const start = new Date("2026-01-02T03:04:05Z");

/** Two stores and what replicates one to the other. */
export class Replication {
  readonly clock = new SimulatedClock(start);
  readonly key: SigningKey = generateSigningKey();
  primary: KvStore = new MemoryKvStore(this.clock);
  secondary: KvStore = new MemoryKvStore(this.clock);
  log = new SyncLog(this.clock);

  plan(paths: readonly string[], options: Partial<ReplicationOptions> = {}) {
    return planReplication(this.primary, this.secondary, { mount: "atom", paths, ...options });
  }

  apply(plan: Awaited<ReturnType<Replication["plan"]>>) {
    return applyReplication(plan, this);
  }

  async run(paths: readonly string[], options: Partial<ReplicationOptions> = {}) {
    return this.apply(await this.plan(paths, options));
  }

  verify(path: string, minimumVersion = 0) {
    const trust = { keys: [this.key.publicKeyPem], now: this.clock.now(), minimumVersion };
    return verifyReplica(this.secondary, { mount: "atom", path }, trust);
  }
}

/** Writes one version after the other: { n: "canary-1" } and so on. */
export async function writeVersions(store: KvStore, path: string, from: number, to = from) {
  for (let n = from; n <= to; n += 1) {
    await store.write(path, sealPayload({ n: `canary-${path}-${n}` }));
  }
}

/** All that a reader can tell of a store's secrets below a folder, but for times and signatures. */
export async function contentOf(store: KvStore, folder = ""): Promise<Record<string, unknown>> {
  const content: Record<string, unknown> = {};
  for (const name of await store.list(folder)) {
    if (name.endsWith("/")) Object.assign(content, await contentOf(store, folder + name));
    else content[folder + name] = await secretContent(store, folder + name);
  }
  return content;
}

async function secretContent(store: KvStore, path: string) {
  const metadata = (await store.readMetadata(path))!;
  const versions: Record<number, unknown> = {};
  for (const [number, { state }] of metadata.versions) {
    const version = await store.readVersion(path, number);
    // What is destroyed and what is no longer kept are the same to a reader.
    if (state === "destroyed") continue;
    versions[number] = version?.state === "live" ? openPayload(version.payload) : version?.state;
  }
  const customMetadata = ownMetadata(metadata.customMetadata);
  return { currentVersion: metadata.currentVersion, versions, customMetadata };
}
