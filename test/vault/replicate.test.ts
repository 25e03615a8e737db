import { describe, expect, test } from "vitest";
import { generateSigningKey } from "../../lib/signing/key";
import type { SigningKey } from "../../lib/signing/key";
import type { KvStore } from "../../lib/vault/kv-store";
import { sealPayload } from "../../lib/vault/payload";
import type { SecretData } from "../../lib/vault/payload";
import { verifySyncLog } from "../../lib/vault/sync-log";
import {
  VaultConflict,
  VaultForbidden,
  VaultRefused,
  VaultUnreachable,
} from "../../lib/vault/vault-error";
import { faultyStore, writesOf } from "./faulty-store";
import type { Faults } from "./faulty-store";
import { contentOf, Replication, writeVersions } from "./replication-fixture";

const acme = "tenants/acme/";
const everything = ["tenants/acme/", "tenants/globex/"];

/** Primaries with every state a version can have, and replicas that need every kind of step. */
async function mixed(): Promise<Replication> {
  const both = new Replication();
  const { primary, secondary } = both;
  await writeVersions(primary, `${acme}plain`, 1, 2);
  await writeVersions(primary, `${acme}states`, 1, 4);
  await primary.deleteVersions(`${acme}states`, [2]);
  await primary.destroyVersions(`${acme}states`, [3]);
  await writeVersions(primary, `${acme}pruned`, 1, 13);
  for (const name of ["changed", "undeleted", "rebuilt", "kept", "gone"]) {
    await writeVersions(primary, `tenants/globex/${name}`, 1, 2);
  }
  await both.run(["tenants/globex/"]);
  await writeVersions(primary, "tenants/globex/changed", 3);
  await primary.writeMetadata("tenants/globex/changed", { customMetadata: { owner: "team" } });
  await secondary.deleteVersions("tenants/globex/undeleted", [1, 2]);
  await secondary.destroyVersions("tenants/globex/rebuilt", [1]);
  await primary.remove("tenants/globex/gone");
  return both;
}

async function expectEqualEnds(both: Replication): Promise<void> {
  const content = await contentOf(both.primary);
  expect(await contentOf(both.secondary)).toEqual(content);
  for (const path of Object.keys(content)) {
    expect(await both.verify(path)).toMatchObject({ verified: true });
  }
}

describe("a replication", () => {
  test("makes the far side equal, signed and verified", async () => {
    const both = await mixed();
    const result = await both.run(everything);
    expect(result.outcome).toBe("SYNCED");
    expect(result.secrets.map(({ path, change, outcome }) => [path, change, outcome])).toEqual([
      ["tenants/acme/plain", "create", "SYNCED"],
      ["tenants/acme/pruned", "create", "SYNCED"],
      ["tenants/acme/states", "create", "SYNCED"],
      ["tenants/globex/changed", "update", "SYNCED"],
      ["tenants/globex/gone", "remove", "REMOVED"],
      ["tenants/globex/kept", "unchanged", "UNCHANGED"],
      ["tenants/globex/rebuilt", "rebuild", "SYNCED"],
      ["tenants/globex/undeleted", "update", "SYNCED"],
    ]);
    await expectEqualEnds(both);
  });

  test("writes nothing the second time", async () => {
    const both = await mixed();
    await both.run(everything);
    const far = (both.secondary = faultyStore(both.secondary));
    const result = await both.run(everything);
    expect([result.outcome, result.writes, writesOf(far)]).toEqual(["SYNCED", 0, []]);
    expect(new Set(result.secrets.map(({ outcome }) => outcome))).toEqual(new Set(["UNCHANGED"]));
  });

  test("leaves the primary as it is", async () => {
    const both = await mixed();
    const near = (both.primary = faultyStore(both.primary));
    await both.run(everything);
    expect(writesOf(near)).toEqual([]);
  });

  test("logs each step in an intact log that has no value and no signature in it", async () => {
    const both = new Replication();
    await writeVersions(both.primary, `${acme}a`, 1, 2);
    await both.primary.destroyVersions(`${acme}a`, [1]);
    await both.run([acme]);
    const check = verifySyncLog(both.log.text);
    expect(
      check.intact && check.entries.map((e) => [e.action, e.path, e.version, e.outcome]),
    ).toEqual([
      ["configure", `${acme}a`, null, "DONE"],
      ["write", `${acme}a`, 1, "DONE"],
      ["write", `${acme}a`, 2, "DONE"],
      ["destroy", `${acme}a`, 1, "DONE"],
      ["sign", `${acme}a`, 2, "DONE"],
      ["verify", `${acme}a`, 2, "VERIFIED"],
      ["secret", `${acme}a`, 2, "SYNCED"],
    ]);
    expect(both.log.text).not.toContain("canary");
  });

  test("gives the same log whatever the key is", async () => {
    const runs = [await mixed(), await mixed()];
    for (const both of runs) await both.run(everything);
    expect(runs[0]!.key.keyId).not.toBe(runs[1]!.key.keyId);
    expect(runs[0]!.log.text).toBe(runs[1]!.log.text);
  });

  test("V5 V7 carrying out the same plan twice changes nothing more", async () => {
    const both = await mixed();
    const plan = await both.plan(everything);
    await both.apply(plan);
    await both.apply(plan);
    await both.run(everything);
    await expectEqualEnds(both);
  });

  const cuts: [string, (fail: (writes: number) => Error | undefined) => Faults][] = [
    [
      "before",
      (fail) => ({ before: ({ method, writesBefore }) => failing(method, writesBefore, fail) }),
    ],
    [
      "after",
      (fail) => ({ after: ({ method, writesBefore }) => failing(method, writesBefore, fail) }),
    ],
  ];
  test.each(cuts)(
    "V7 V10 stopped %s any of its writes, the next run converges",
    async (_, faults) => {
      const { writes } = await (await mixed()).run(everything);
      expect(writes).toBeGreaterThan(30);
      for (let cut = 0; cut < writes; cut += 1) {
        const both = await mixed();
        const whole = both.secondary;
        both.secondary = faultyStore(
          whole,
          faults((before) => (before >= cut ? new VaultUnreachable("cut") : undefined)),
        );
        const stopped = await both.run(everything);
        expect(stopped.outcome).toBe("SYNC_PARTIAL");
        expect(both.log.text).not.toContain("canary");
        both.secondary = whole;
        let result = await both.run(everything, { confirmed: ["tenants/globex/gone"] });
        // A placeholder that was cut off before its delete is told from a value one run later.
        if (result.outcome !== "SYNCED") result = await both.run(everything);
        expect([cut, result.outcome]).toEqual([cut, "SYNCED"]);
        await expectEqualEnds(both);
      }
    },
  );

  test("V1 V10 the primary going away at any of its reads takes no replica along", async () => {
    const total = await callsOf(await mixed());
    for (let cut = 0; cut <= total; cut += 1) {
      const both = await mixed();
      const plan = await both.plan(everything);
      const whole = both.primary;
      let calls = 0;
      both.primary = faultyStore(whole, {
        before: () => ((calls += 1) > cut ? new VaultUnreachable("cut") : undefined),
      });
      const before = await liveVersions(both.secondary);
      await both.apply(plan);
      const after = await liveVersions(both.secondary);
      expect(before.filter((version) => !after.includes(version))).toEqual([]);
      both.primary = whole;
      expect((await both.run(everything)).outcome).toBe("SYNCED");
      await expectEqualEnds(both);
    }
  });

  test("V7 a write whose answer was lost counts as done when it is found", async () => {
    const both = new Replication();
    await writeVersions(both.primary, `${acme}a`, 1);
    const far = both.secondary;
    both.secondary = replaying(far);
    expect((await both.run([acme])).outcome).toBe("SYNCED");
    expect(both.log.text).toContain("DONE_BEFORE");
    await expectEqualEnds(both);
  });

  test("V5 somebody else's write on the replica is not overwritten", async () => {
    const both = new Replication();
    await writeVersions(both.primary, `${acme}a`, 1);
    const plan = await both.plan([acme]);
    await both.secondary.write(`${acme}a`, sealPayload({ theirs: "kept" }));
    const result = await both.apply(plan);
    expect(result.secrets.map(({ outcome }) => outcome)).toEqual(["CONFLICT"]);
    expect((await contentOf(both.secondary))[`${acme}a`]).toMatchObject({
      versions: { 1: { theirs: "kept" } },
    });
  });

  test("a primary that changed since it was planned is a conflict", async () => {
    const both = await mixed();
    const plan = await both.plan(everything);
    await both.primary.deleteVersions(`${acme}plain`, [1]);
    await writeVersions(both.primary, "tenants/globex/gone", 1);
    const { secrets } = await both.apply(plan);
    const outcomes = new Map(secrets.map(({ path, outcome }) => [path, outcome]));
    expect([outcomes.get(`${acme}plain`), outcomes.get("tenants/globex/gone")]).toEqual([
      "CONFLICT",
      "CONFLICT",
    ]);
    expect(await both.secondary.readMetadata("tenants/globex/gone")).toBeDefined();
  });

  test.each([
    ["V2", "FORBIDDEN", new VaultForbidden("secondary", `${acme}b`)],
    ["V5", "CONFLICT", new VaultConflict("secondary", `${acme}b`)],
    ["V9", "REFUSED", new VaultRefused("secondary", `${acme}b`, "status 413")],
  ])("%s one secret that ends %s does not keep the others back", async (_, outcome, error) => {
    const both = new Replication();
    for (const name of ["a", "b", "c"]) await writeVersions(both.primary, acme + name, 1);
    both.secondary = faultyStore(both.secondary, {
      before: ({ method, path }) => (method === "write" && path === `${acme}b` ? error : undefined),
    });
    const result = await both.run([acme]);
    expect([result.outcome, result.secrets.map((secret) => secret.outcome)]).toEqual([
      "SYNC_PARTIAL",
      ["SYNCED", outcome, "SYNCED"],
    ]);
  });

  test("V1 an end that is sealed from the start gives a simulation that wrote nothing", async () => {
    for (const end of ["primary", "secondary"] as const) {
      const both = await mixed();
      const plan = await both.plan(everything);
      const far = both.secondary;
      const before = await contentOf(far);
      both[end] = faultyStore(both[end], { before: () => new VaultUnreachable("sealed") });
      const log = both.log.text;
      for (const result of [await both.run(everything), await both.apply(plan)]) {
        expect(result).toEqual({
          outcome: "SYNC_SIMULATED",
          away: ["sealed"],
          secrets: [],
          unreadable: [],
          writes: 0,
        });
      }
      expect(await contentOf(far)).toEqual(before);
      expect(both.log.text.slice(log.length).match(/"outcome":"SYNC_SIMULATED"/g)).toHaveLength(4);
    }
  });

  test("V1 sealed after the last comparison and before the first write is a simulation, too", async () => {
    const both = new Replication();
    await writeVersions(both.primary, `${acme}a`, 1);
    await both.run([acme]);
    await writeVersions(both.primary, `${acme}a`, 2);
    const plan = await both.plan([acme]);
    both.primary = faultyStore(both.primary, {
      before: ({ method }) =>
        method === "readVersion" ? new VaultUnreachable("sealed") : undefined,
    });
    const result = await both.apply(plan);
    expect([result.outcome, result.writes]).toEqual(["SYNC_SIMULATED", 0]);
    expect(result.away).toEqual(["sealed"]);
  });

  test("a held secret and an unreadable one are told, not hidden", async () => {
    const both = await mixed();
    await both.run(everything);
    await writeVersions(both.secondary, `${acme}plain`, 3);
    both.primary = faultyStore(both.primary, {
      before: ({ path }) =>
        path === `${acme}states` ? new VaultForbidden("primary", path) : undefined,
    });
    const result = await both.run(everything);
    expect(result.outcome).toBe("SYNC_PARTIAL");
    expect(result.secrets.find(({ path }) => path === `${acme}plain`)).toMatchObject({
      outcome: "HELD",
      why: "the replica has values that the primary does not have",
    });
    expect(result.unreadable).toEqual([
      { path: `${acme}states`, end: "primary", reason: "forbidden", why: "permission denied" },
    ]);
    expect(both.log.text).toContain(`"path":"${acme}states","version":null,"outcome":"FORBIDDEN"`);
  });

  test("V9 mirrors a huge value, bytes as text and keys that are no ordinary names", async () => {
    const both = new Replication();
    const odd = JSON.parse(
      '{"__proto__":"canary","constructor":{"prototype":1},"":"empty","toJSON":"text","b":"\\u0000\\uffff"}',
    ) as SecretData;
    await both.primary.write(`${acme}odd`, sealPayload(odd));
    await both.primary.write(`${acme}__proto__`, sealPayload({ blob: "x".repeat(1024 * 1024) }));
    await both.primary.writeMetadata(`${acme}odd`, {
      customMetadata: JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>,
    });
    expect((await both.run([acme])).outcome).toBe("SYNCED");
    expect(JSON.stringify(await contentOf(both.secondary))).toBe(
      JSON.stringify(await contentOf(both.primary)),
    );
    expect((await both.run([acme])).writes).toBe(0);
  });

  test("signs anew when the key changes or half the signature's life is over", async () => {
    const both = new Replication();
    await writeVersions(both.primary, `${acme}a`, 1);
    await both.run([acme]);
    const day = 86_400_000;
    both.clock.advance(14 * day);
    expect((await both.run([acme])).writes).toBe(0);
    both.clock.advance(2 * day);
    expect((await both.run([acme])).writes).toBe(1);
    (both as { key: SigningKey }).key = generateSigningKey();
    expect((await both.run([acme])).writes).toBe(1);
    expect(await both.verify(`${acme}a`)).toEqual({ verified: true, keyId: both.key.keyId });
  });
});

/** `path#version` of every value that can be read, but for the secret that is meant to go. */
async function liveVersions(store: KvStore): Promise<string[]> {
  const found: string[] = [];
  for (const path of Object.keys(await contentOf(store, "tenants/globex/"))) {
    for (const [number, { state }] of (await store.readMetadata(path))!.versions) {
      if (state === "live" && !path.endsWith("/gone")) found.push(`${path}#${number}`);
    }
  }
  return found;
}

function failing(method: string, writes: number, fail: (writes: number) => Error | undefined) {
  return /^(identify|list|read)/.test(method) ? undefined : fail(writes);
}

async function callsOf(both: Replication): Promise<number> {
  const plan = await both.plan(everything);
  const near = (both.primary = faultyStore(both.primary));
  await both.apply(plan);
  return near.calls.length;
}

/** Each write is carried out, then reported as a conflict: its first answer was lost, and it was sent again. */
function replaying(store: KvStore): KvStore {
  return faultyStore(store, {
    after: ({ method, path }) =>
      method === "write" ? new VaultConflict("store", path) : undefined,
  });
}
