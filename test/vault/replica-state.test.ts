import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sealPayload } from "../../lib/vault/payload";
import { recordReplicas } from "../../lib/vault/record-replicas";
import type { ReplicaRecord } from "../../lib/vault/replica-signature";
import { readReplicaState, writeReplicaState } from "../../lib/vault/replica-state";
import { VaultForbidden } from "../../lib/vault/vault-error";
import { tempFolder } from "../doubles/temp-folder";
import { Replication, writeVersions } from "./replication-fixture";

const NOW = new Date("2026-01-02T00:00:00.000Z");
const LATER = new Date("2026-03-01T00:00:00.000Z");

function record(mount: string, path: string): ReplicaRecord {
  const statement = {
    ...{ format: "atom-replica-v1", mount, tenant: "acme", path, version: 1 },
    ...{ signedAt: "2026-01-01T00:00:00.000Z", expires: "2026-02-01T00:00:00.000Z" },
  };
  return { mount, path, version: 1, statement };
}
const DATABASE = record("atom-eu", "tenants/acme/database");
const MAIL = record("atom-eu", "tenants/acme/mail");
const ELSEWHERE = record("atom-us", "tenants/acme/database");

describe("replica state", () => {
  const file = () => join(tempFolder(), "vault_replicas.json");

  test("keeps the other mounts' records, in one order", () => {
    const path = file();
    writeReplicaState(path, "atom-us", [ELSEWHERE], NOW);
    writeReplicaState(path, "atom-eu", [MAIL, { ...DATABASE, fault: "old" }], NOW);
    writeReplicaState(path, "atom-eu", [MAIL, DATABASE], NOW);
    expect(readReplicaState(path, NOW)).toEqual([DATABASE, MAIL, ELSEWHERE]);
  });

  test("finds a signature at fault that has expired since", () => {
    const path = file();
    writeReplicaState(path, "atom-eu", [DATABASE], NOW);
    const fault = "its signature expired at 2026-02-01T00:00:00.000Z";
    expect(readReplicaState(path, LATER)).toEqual([{ ...DATABASE, fault }]);
    expect(readFileSync(path, "utf8")).not.toContain("fault");
  });

  test("is empty without a file, and fails for what it does not understand", () => {
    const path = file();
    expect(readReplicaState(path, NOW)).toEqual([]);
    writeFileSync(path, JSON.stringify({ version: 1, replicas: [{ ...MAIL, value: "canary" }] }));
    expect(() => readReplicaState(path, NOW)).toThrow(/^Invalid replica state /);
    expect(() => readReplicaState(path, NOW)).not.toThrow(/canary/);
  });
});

describe("recordReplicas", () => {
  const path = "tenants/acme/database";
  async function both() {
    const replication = new Replication();
    await writeVersions(replication.primary, path, 1, 2);
    const { secrets } = await replication.run([path]);
    const trust = { keys: [replication.key.publicKeyPem], now: replication.clock.now() };
    return { ...replication, secrets, trust };
  }

  test("records what was replicated", async () => {
    const { secondary, secrets, trust } = await both();
    const [found, ...others] = await recordReplicas(secondary, "atom", secrets, trust);
    expect(found).toMatchObject({ path, version: 2, statement: { tenant: "acme", version: 2 } });
    expect({ fault: found?.fault, others }).toEqual({ fault: undefined, others: [] });
  });

  test("finds an older state at fault that was put back, validly signed as it is", async () => {
    const { secondary, secrets, trust } = await both();
    const newer = secrets.map((secret) => ({ ...secret, version: 3 }));
    expect(await recordReplicas(secondary, "atom", newer, trust)).toMatchObject([
      { fault: "it is at version 2; at least 3 is expected" },
    ]);
  });

  test("finds at fault what was written since, and what may not be read", async () => {
    const { secondary, secrets, trust } = await both();
    await secondary.write(path, sealPayload({ n: "canary" }));
    const changed = await recordReplicas(secondary, "atom", secrets, trust);
    expect(changed).toMatchObject([{ version: 3, fault: expect.any(String) as string }]);
    expect(JSON.stringify(changed)).not.toContain("canary");
    secondary.readMetadata = () => Promise.reject(new VaultForbidden("read", path));
    expect(await recordReplicas(secondary, "atom", secrets, trust)).toEqual([
      { mount: "atom", path, version: 2, fault: "it could not be read: forbidden" },
    ]);
  });
});
