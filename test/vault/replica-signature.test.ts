import { describe, expect, test } from "vitest";
import { generateSigningKey } from "../../lib/signing/key";
import { sealPayload } from "../../lib/vault/payload";
import { recordReplica, SIGNATURE_ENTRY, verifyReplica } from "../../lib/vault/replica-signature";
import { readSecretSet } from "../../lib/vault/secret-set";
import { VaultUnreachable } from "../../lib/vault/vault-error";
import { faultyStore } from "./faulty-store";
import { Replication, writeVersions } from "./replication-fixture";

const path = "tenants/acme/database";
const wrong = {
  verified: false,
  reason: "the signature was not made by a trusted key over these bytes",
};

async function replicated(): Promise<Replication> {
  const both = new Replication();
  await writeVersions(both.primary, path, 1, 2);
  await both.primary.writeMetadata(path, { customMetadata: { owner: "team" } });
  await both.run(["tenants/acme/"]);
  return both;
}

async function metadataOf({ secondary }: Replication): Promise<Record<string, string>> {
  return { ...(await secondary.readMetadata(path))!.customMetadata };
}

/** Another path with the same versions and custom metadata, signature included. */
async function copyTo(both: Replication, other: string): Promise<void> {
  for (const version of [1, 2]) {
    const found = await both.secondary.readVersion(path, version);
    if (found?.state === "live") await both.secondary.write(other, found.payload);
  }
  await both.secondary.writeMetadata(other, { customMetadata: await metadataOf(both) });
}

describe("a replica's signature", () => {
  test("is verified by the public key, and tells nothing of the value", async () => {
    const both = await replicated();
    expect(await both.verify(path, 2)).toEqual({ verified: true, keyId: both.key.keyId });
    const entry = (await metadataOf(both))[SIGNATURE_ENTRY]!;
    expect(entry).toMatch(
      /^atom-replica-v1 2026-01-02T03:04:05\.000Z 2026-02-01T03:04:05\.000Z [A-Za-z0-9+/]+=*$/,
    );
  });

  test("P2-7 fails on another tenant's path and on another path of the same tenant", async () => {
    const both = await replicated();
    for (const other of ["tenants/globex/database", "tenants/acme/other"]) {
      await copyTo(both, other);
      expect(await both.verify(other)).toEqual(wrong);
    }
  });

  test("P2-7 fails in another mount", async () => {
    const both = await replicated();
    const trust = { keys: [both.key.publicKeyPem], now: both.clock.now() };
    expect(await verifyReplica(both.secondary, { mount: "other", path }, trust)).toEqual(wrong);
  });

  test("P2-7 fails for an older state under the current signature, and the other way round", async () => {
    const both = await replicated();
    const old = await metadataOf(both);
    await writeVersions(both.primary, path, 3);
    await both.run([path]);
    const current = await metadataOf(both);
    await both.secondary.writeMetadata(path, { customMetadata: old });
    expect(await both.verify(path)).toEqual(wrong);
    await both.secondary.remove(path);
    await writeVersions(both.secondary, path, 1, 2);
    await both.secondary.writeMetadata(path, { maxVersions: 10, customMetadata: current });
    expect(await both.verify(path)).toEqual(wrong);
    // Validly signed, but known to be old: only who knows of version 3 can tell.
    await both.secondary.writeMetadata(path, { customMetadata: old });
    expect(await both.verify(path)).toMatchObject({ verified: true });
    expect(await both.verify(path, 3)).toEqual({
      verified: false,
      reason: "it is at version 2; at least 3 is expected",
    });
  });

  test.each([
    ["a new version", (both: Replication) => writeVersions(both.secondary, path, 9)],
    ["a deleted version", (both: Replication) => both.secondary.deleteVersions(path, [1])],
    [
      "other custom metadata",
      async (both: Replication) =>
        both.secondary.writeMetadata(path, {
          customMetadata: { ...(await metadataOf(both)), owner: "another" },
        }),
    ],
  ])("fails after %s", async (_, change) => {
    const both = await replicated();
    await change(both);
    expect(await both.verify(path)).toEqual(wrong);
  });

  test("fails for a changed value under the same numbers", async () => {
    const both = await replicated();
    const metadata = await metadataOf(both);
    await both.secondary.remove(path);
    await writeVersions(both.secondary, path, 1);
    await both.secondary.write(path, sealPayload({ n: "forged" }));
    await both.secondary.writeMetadata(path, { customMetadata: metadata });
    expect(await both.verify(path)).toEqual(wrong);
  });

  test("fails for another key and for no key", async () => {
    const both = await replicated();
    const place = { mount: "atom", path };
    const now = both.clock.now();
    const other = [generateSigningKey().publicKeyPem];
    expect(await verifyReplica(both.secondary, place, { keys: other, now })).toEqual(wrong);
    expect(await verifyReplica(both.secondary, place, { keys: [], now })).toEqual({
      verified: false,
      reason: "no key is trusted",
    });
  });

  test("V8 fails when it expired or is from the future, five minutes aside", async () => {
    const both = await replicated();
    const day = 86_400_000;
    both.clock.advance(-300_000);
    expect(await both.verify(path)).toMatchObject({ verified: true });
    both.clock.advance(-1);
    expect(await both.verify(path)).toMatchObject({ reason: "its signature is from the future" });
    both.clock.advance(300_001 + 30 * day - 1);
    expect(await both.verify(path)).toMatchObject({ verified: true });
    both.clock.advance(1);
    expect(await both.verify(path)).toMatchObject({
      reason: "its signature expired at 2026-02-01T03:04:05.000Z",
    });
  });

  test.each(["", "atom-replica-v1", "atom-replica-v2 a b c", "atom-replica-v1 x y z", "a b c d e"])(
    "fails for the entry %j",
    async (entry) => {
      const both = await replicated();
      await both.secondary.writeMetadata(path, { customMetadata: { [SIGNATURE_ENTRY]: entry } });
      expect(await both.verify(path)).toMatchObject({ verified: false });
    },
  );

  test("fails where the signature, or the secret, is missing", async () => {
    const both = await replicated();
    await both.secondary.writeMetadata(path, { customMetadata: { owner: "team" } });
    expect(await both.verify(path)).toEqual({ verified: false, reason: "it has no signature" });
    await both.secondary.remove(path);
    expect(await both.verify(path)).toEqual({ verified: false, reason: "there is no such secret" });
  });

  test("V1 fails closed when the replica cannot be read", async () => {
    const both = await replicated();
    both.secondary = faultyStore(both.secondary, { before: () => new VaultUnreachable("sealed") });
    await expect(both.verify(path)).rejects.toThrow(VaultUnreachable);
  });
});

describe("a replica's record", () => {
  async function recorded(change?: (both: Replication) => Promise<unknown>) {
    const both = await replicated();
    await change?.(both);
    const set = await readSecretSet(both.secondary, path);
    const trust = { keys: [both.key.publicKeyPem], now: both.clock.now() };
    return recordReplica({ mount: "atom", path }, set!, trust);
  }

  test("says what is signed but the values", async () => {
    expect(await recorded()).toEqual({
      ...{ mount: "atom", path },
      version: 2,
      statement: {
        ...{ format: "atom-replica-v1", mount: "atom", tenant: "acme", path, version: 2 },
        ...{ signedAt: "2026-01-02T03:04:05.000Z", expires: "2026-02-01T03:04:05.000Z" },
      },
    });
  });

  test("says why the signature does not verify", async () => {
    const { statement, fault } = await recorded(async ({ secondary }) => {
      await secondary.write(path, sealPayload({ password: "canary" }));
    });
    expect({ version: statement?.version, fault }).toEqual({ version: 3, fault: wrong.reason });
  });

  test("binds nothing without a signature", async () => {
    const { statement, fault } = await recorded(async ({ secondary }) => {
      await secondary.writeMetadata(path, { customMetadata: {} });
    });
    expect({ statement, fault }).toEqual({ statement: undefined, fault: "it has no signature" });
  });
});
