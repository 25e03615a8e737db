import { describe, expect, test } from "vitest";
import { UsageError } from "../../lib/support/problem";
import { sealPayload } from "../../lib/vault/payload";
import { VaultForbidden, VaultRefused, VaultUnreachable } from "../../lib/vault/vault-error";
import { faultyStore, writesOf } from "./faulty-store";
import { Replication, writeVersions } from "./replication-fixture";

const acme = "tenants/acme/";
const database = "tenants/acme/database";

/** A replication whose secrets, named after the folder, are equal at both ends. */
async function synced(...names: string[]): Promise<Replication> {
  const both = new Replication();
  for (const name of names) await writeVersions(both.primary, acme + name, 1, 2);
  await both.run([acme]);
  return both;
}

describe("a replication plan", () => {
  test("names the calls that make a new replica, and no value", async () => {
    const both = new Replication();
    await writeVersions(both.primary, database, 1, 4);
    await both.primary.deleteVersions(database, [2]);
    await both.primary.destroyVersions(database, [3]);
    const plan = await both.plan([database]);
    expect(plan).toEqual({
      outcome: "PLANNED",
      mount: "atom",
      paths: [database],
      unreadable: [],
      secrets: [
        {
          tenant: "acme",
          path: database,
          change: "create",
          version: 4,
          steps: [
            { action: "configure", maxVersions: 10 },
            { action: "write", version: 1, content: "value" },
            { action: "write", version: 2, content: "placeholder" },
            { action: "write", version: 3, content: "placeholder" },
            { action: "write", version: 4, content: "value" },
            { action: "destroy", versions: [3] },
            { action: "delete", versions: [2] },
            { action: "sign" },
          ],
        },
      ],
    });
    expect(JSON.stringify(plan)).not.toContain("canary");
  });

  test("is the same for the same stores", async () => {
    const both = await synced("a", "b");
    await writeVersions(both.primary, `${acme}b`, 3);
    expect(JSON.stringify(await both.plan([acme]))).toBe(JSON.stringify(await both.plan([acme])));
  });

  test("writes nothing", async () => {
    const both = await synced("a");
    await writeVersions(both.primary, `${acme}a`, 3);
    const stores = [faultyStore(both.primary), faultyStore(both.secondary)] as const;
    [both.primary, both.secondary] = stores;
    await both.plan([acme]);
    expect(stores.flatMap(writesOf)).toEqual([]);
  });

  test("has no step where both ends are equal", async () => {
    const both = await synced("a");
    expect((await both.plan([acme])).secrets).toEqual([
      { tenant: "acme", path: `${acme}a`, change: "unchanged", version: 2, steps: [] },
    ]);
  });

  test("follows a new version, a delete, an undelete, a destroy and custom metadata", async () => {
    const both = await synced("a", "b", "c", "d", "e");
    await writeVersions(both.primary, `${acme}a`, 3);
    await both.primary.deleteVersions(`${acme}b`, [2]);
    await both.primary.destroyVersions(`${acme}c`, [1]);
    await both.primary.writeMetadata(`${acme}d`, { customMetadata: { owner: "x" } });
    await both.secondary.deleteVersions(`${acme}e`, [1]);
    const { secrets } = await both.plan([acme]);
    expect(secrets.map(({ change, steps }) => [change, steps])).toEqual([
      ["update", [{ action: "write", version: 3, content: "value" }, { action: "sign" }]],
      ["update", [{ action: "delete", versions: [2] }, { action: "sign" }]],
      ["update", [{ action: "destroy", versions: [1] }, { action: "sign" }]],
      ["update", [{ action: "sign" }]],
      ["update", [{ action: "undelete", versions: [1] }, { action: "sign" }]],
    ]);
  });

  test("keeps as many versions as the primary does, and says so on the secret", async () => {
    const both = new Replication();
    await both.primary.writeMetadata(database, { maxVersions: 12 });
    await writeVersions(both.primary, database, 1, 15);
    await both.run([database]);
    expect([...(await both.secondary.readMetadata(database))!.versions.keys()]).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 4),
    );
    expect((await both.plan([database])).secrets[0]?.change).toBe("unchanged");
  });

  test("holds a rebuild that would lose what only the replica has, until it is confirmed", async () => {
    const both = await synced("a", "b");
    await writeVersions(both.secondary, `${acme}a`, 3);
    await both.primary.remove(`${acme}b`);
    await both.primary.write(`${acme}b`, sealPayload({ another: "canary" }));
    const held = "the replica has values that the primary does not have";
    const { secrets } = await both.plan([acme]);
    expect(secrets.map(({ change, steps, held }) => ({ change, steps, held }))).toEqual([
      { change: "rebuild", steps: [], held },
      { change: "rebuild", steps: [], held },
    ]);
    const confirmed = await both.plan([acme], { confirmed: [`${acme}a`] });
    expect(confirmed.secrets.map(({ steps }) => steps.map(({ action }) => action))).toEqual([
      ["reset", "configure", "write", "write", "sign"],
      [],
    ]);
  });

  test("rebuilds without asking where nothing but a placeholder is lost", async () => {
    const both = new Replication();
    await writeVersions(both.primary, database, 1, 2);
    await both.primary.deleteVersions(database, [1]);
    await both.run([database]);
    await both.primary.undeleteVersions(database, [1]);
    expect((await both.run([database])).outcome).toBe("SYNC_PARTIAL");
    const result = await both.run([database]);
    expect(result.secrets.map(({ change, outcome }) => [change, outcome])).toEqual([
      ["rebuild", "SYNCED"],
    ]);
  });

  test("V10 holds all removals when the primary lost many secrets at once", async () => {
    const both = await synced("a", "b", "c", "d");
    await both.primary.remove(`${acme}a`);
    expect((await both.plan([acme])).secrets[0]?.steps).toEqual([{ action: "remove" }]);
    await both.primary.remove(`${acme}b`);
    const { secrets } = await both.plan([acme], { confirmed: [`${acme}b`] });
    expect(secrets.map(({ change, steps, held }) => [change, steps, held])).toEqual([
      ["remove", [], "2 of 4 replicas would be removed"],
      ["remove", [{ action: "remove" }], undefined],
      ["unchanged", [], undefined],
      ["unchanged", [], undefined],
    ]);
  });

  test("V2 a forbidden path or folder never reads as a delete", async () => {
    const both = await synced("a", "b", "sub/c", "sub/d");
    await both.primary.remove(`${acme}sub/c`);
    const forbidden = [`${acme}a`, `${acme}sub/`];
    both.primary = faultyStore(both.primary, {
      before: ({ path }) =>
        forbidden.includes(path) ? new VaultForbidden("primary", path) : undefined,
    });
    const plan = await both.plan([acme], { largestRemovedShare: 0 });
    const unreadable = { end: "primary", reason: "forbidden", why: "permission denied" };
    expect(plan.unreadable).toEqual([
      { path: `${acme}sub/`, ...unreadable },
      { path: `${acme}a`, ...unreadable },
    ]);
    expect(plan.secrets.map(({ path, change, steps }) => [path, change, steps.length])).toEqual([
      [`${acme}b`, "unchanged", 0],
      [`${acme}sub/c`, "remove", 0],
      [`${acme}sub/d`, "unchanged", 0],
    ]);
  });

  test("V2 a token that expires mid-run leaves every replica alone", async () => {
    const both = await synced("a", "b", "c");
    let calls = 0;
    both.primary = faultyStore(both.primary, {
      before: ({ path }) => ((calls += 1) > 5 ? new VaultForbidden("primary", path) : undefined),
    });
    const plan = await both.plan([acme]);
    expect(plan.secrets.filter(({ change }) => change !== "unchanged")).toEqual([]);
    expect(plan.unreadable.length).toBeGreaterThan(0);
  });

  test("leaves alone what a store refuses, such as a missing mount", async () => {
    const both = await synced("a");
    both.primary = faultyStore(both.primary, {
      before: ({ method, path }) =>
        method === "identify" ? undefined : new VaultRefused("primary", path, "status 404"),
    });
    const { secrets, unreadable } = await both.plan([acme]);
    expect([secrets, unreadable.map(({ reason }) => reason)]).toEqual([[], ["refused", "refused"]]);
  });

  test.each(["primary", "secondary"] as const)(
    "V1 V8 is a simulation when the %s is unreachable",
    async (end) => {
      for (const failing of ["identify", "list", "readMetadata", "readVersion"]) {
        const both = await synced("a");
        both[end] = faultyStore(both[end], {
          before: ({ method }) => (method === failing ? new VaultUnreachable("sealed") : undefined),
        });
        expect(await both.plan([acme])).toEqual({
          outcome: "SYNC_SIMULATED",
          away: ["sealed"],
          mount: "atom",
          paths: [acme],
          secrets: [],
          unreadable: [],
        });
      }
    },
  );

  test("names both ends where both are unreachable", async () => {
    const both = await synced("a");
    for (const end of ["primary", "secondary"] as const) {
      both[end] = faultyStore(both[end], { before: () => new VaultUnreachable(`${end}: away`) });
    }
    expect((await both.plan([acme])).away).toEqual(["primary: away", "secondary: away"]);
  });

  test("V11 fails when both ends are the same store", async () => {
    const both = new Replication();
    both.secondary = faultyStore(both.primary);
    await expect(both.plan([acme])).rejects.toThrow(
      new UsageError("Vault replication", [
        { path: "secondary", message: "is the same mount of the same server as the primary" },
      ]),
    );
  });

  test("V12 a folder's plan has nothing of a tenant whose name begins the same", async () => {
    const both = new Replication();
    for (const path of ["tenants/t1/a", "tenants/t10/a", "tenants/t1"]) {
      await writeVersions(both.primary, path, 1);
      await writeVersions(both.secondary, `${path}-only-here`, 1);
    }
    const { secrets } = await both.plan(["tenants/t1/"]);
    expect(secrets.map(({ path }) => path)).toEqual(["tenants/t1/a", "tenants/t1/a-only-here"]);
  });

  test("only opted-in secrets are replicated", async () => {
    const both = new Replication();
    for (const name of ["a", "b", "sub/c"]) await writeVersions(both.primary, acme + name, 1);
    const { secrets } = await both.plan([`${acme}b`, `${acme}sub/`, `${acme}b`]);
    expect(secrets.map(({ path }) => path)).toEqual([`${acme}b`, `${acme}sub/c`]);
  });

  test("V9 plans a hundred thousand secrets", { timeout: 60_000 }, async () => {
    const both = new Replication();
    for (let n = 0; n < 100_000; n += 1) {
      await both.primary.write(`${acme}s${n}`, sealPayload({ n: String(n) }), 0);
    }
    const { secrets } = await both.plan([acme]);
    expect([secrets.length, secrets[0]?.change]).toEqual([100_000, "create"]);
  });

  test.each([
    "",
    "tenants/",
    "tenants/acme",
    "tenants/../acme/",
    "tenants/acme/../globex/",
    "sys/",
    "tenants/+/a",
    "tenants/kube-system/a",
    "tenants/acme/*",
    "tenants/acme//",
    "other/acme/a",
  ])("fails for the path %j", async (path) => {
    await expect(new Replication().plan([path])).rejects.toThrow(UsageError);
  });
});
