import { describe, expect, test } from "vitest";
import type { KvStore, SecretMetadata } from "../../lib/vault/kv-store";
import { openPayload, sealPayload } from "../../lib/vault/payload";
import type { SecretData } from "../../lib/vault/payload";
import { VaultConflict, VaultRefused } from "../../lib/vault/vault-error";

/** What every KV version 2 store does. `makeStore` gives an empty one. */
export function describeKvStore(name: string, makeStore: () => Promise<KvStore>): void {
  describe(`${name} as a KV version 2 store`, () => {
    const path = "tenants/acme/database";

    /** A store in which the path has so many versions: { n: "1" }, { n: "2" } and so on. */
    async function storeWith(versions: number): Promise<KvStore> {
      const store = await makeStore();
      for (let n = 1; n <= versions; n += 1) await store.write(path, sealPayload({ n: `${n}` }));
      return store;
    }

    test("has nothing at first", async () => {
      const store = await makeStore();
      expect(await store.list("")).toEqual([]);
      expect(await store.list("tenants/")).toEqual([]);
      expect(await store.readMetadata(path)).toBeUndefined();
      expect(await store.readVersion(path)).toBeUndefined();
    });

    test("gives each write a version of its own", async () => {
      const store = await makeStore();
      expect(await store.write(path, sealPayload({ n: "1" }))).toBe(1);
      expect(await store.write(path, sealPayload({ n: "2" }))).toBe(2);
      expect(await read(store, path)).toEqual({ version: 2, state: "live", data: { n: "2" } });
      expect(await read(store, path, 1)).toEqual({ version: 1, state: "live", data: { n: "1" } });
      expect(await read(store, path, 3)).toBeUndefined();
    });

    test("V5 fails a write whose check-and-set version is not the current one", async () => {
      const store = await makeStore();
      expect(await store.write(path, sealPayload({ n: "1" }), 0)).toBe(1);
      await expect(store.write(path, sealPayload({ n: "x" }), 0)).rejects.toThrow(VaultConflict);
      await expect(store.write(path, sealPayload({ n: "x" }), 2)).rejects.toThrow(VaultConflict);
      expect(await store.write(path, sealPayload({ n: "2" }), 1)).toBe(2);
    });

    test("fails a write without check-and-set where the secret asks for it", async () => {
      const store = await storeWith(1);
      await store.writeMetadata(path, { casRequired: true });
      await expect(store.write(path, sealPayload({}))).rejects.toThrow(VaultRefused);
      expect(await store.write(path, sealPayload({}), 1)).toBe(2);
    });

    test("V6 tells a deleted version from a destroyed one and from none", async () => {
      const store = await storeWith(3);
      await store.deleteVersions(path, [1, 9]);
      await store.destroyVersions(path, [2, 9]);
      expect(await read(store, path, 1)).toEqual({ version: 1, state: "deleted" });
      expect(await read(store, path, 2)).toEqual({ version: 2, state: "destroyed" });
      expect(await read(store, path, 9)).toBeUndefined();
      expect(await states(store, path)).toEqual({ 1: "deleted", 2: "destroyed", 3: "live" });
    });

    test("V6 keeps a secret in the listing when its versions are gone", async () => {
      const store = await storeWith(1);
      await store.destroyVersions(path, [1]);
      expect(await store.list("tenants/acme/")).toEqual(["database"]);
    });

    test("brings deleted versions back, destroyed ones never", async () => {
      const store = await storeWith(2);
      await store.deleteVersions(path, [1, 2]);
      await store.destroyVersions(path, [2]);
      await store.undeleteVersions(path, [1, 2]);
      expect(await read(store, path, 1)).toEqual({ version: 1, state: "live", data: { n: "1" } });
      expect(await read(store, path, 2)).toEqual({ version: 2, state: "destroyed" });
    });

    test("reads the newest version by default, also when it is deleted", async () => {
      const store = await storeWith(2);
      await store.deleteVersions(path, [2]);
      expect(await read(store, path)).toEqual({ version: 2, state: "deleted" });
      expect(await store.write(path, sealPayload({ n: "3" }), 2)).toBe(3);
    });

    test("keeps ten versions, or as many as the secret says", async () => {
      const store = await storeWith(12);
      expect(Object.keys(await states(store, path))).toEqual([
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
      ]);
      await store.writeMetadata(path, { maxVersions: 3 });
      await store.write(path, sealPayload({ n: "13" }));
      expect(Object.keys(await states(store, path))).toEqual(["11", "12", "13"]);
      expect(await read(store, path, 10)).toBeUndefined();
    });

    test("makes a secret without a version from metadata alone", async () => {
      const store = await makeStore();
      await store.writeMetadata(path, { maxVersions: 4, customMetadata: { owner: "team a" } });
      expect(plain(await store.readMetadata(path))).toEqual({
        currentVersion: 0,
        maxVersions: 4,
        casRequired: false,
        customMetadata: { owner: "team a" },
        versions: [],
      });
      expect(await store.readVersion(path)).toBeUndefined();
      expect(await store.write(path, sealPayload({ n: "1" }), 0)).toBe(1);
    });

    test("replaces custom metadata as a whole and leaves out what was not named", async () => {
      const store = await storeWith(1);
      await store.writeMetadata(path, { maxVersions: 4, customMetadata: { a: "1", b: "é" } });
      await store.writeMetadata(path, { customMetadata: { c: "3" } });
      const metadata = await store.readMetadata(path);
      expect([metadata?.maxVersions, metadata?.customMetadata]).toEqual([4, { c: "3" }]);
      await store.writeMetadata(path, { customMetadata: {} });
      expect((await store.readMetadata(path))?.customMetadata).toEqual({});
    });

    test.each([
      ["a value above 512 bytes", { a: "x".repeat(513) }],
      ["a key above 128 bytes", { ["x".repeat(129)]: "a" }],
      ["an unprintable value", { a: "b\nc" }],
      ["more than 64 entries", Object.fromEntries(Array.from({ length: 65 }, (_, n) => [n, "a"]))],
    ])("fails for custom metadata with %s", async (_, customMetadata) => {
      const store = await storeWith(1);
      await expect(store.writeMetadata(path, { customMetadata })).rejects.toThrow(VaultRefused);
    });

    test("removes a secret with all its versions, and counts from 1 again", async () => {
      const store = await storeWith(3);
      await store.remove(path);
      await store.remove(path);
      expect(await store.readMetadata(path)).toBeUndefined();
      expect(await store.list("")).toEqual([]);
      expect(await store.write(path, sealPayload({}), 0)).toBe(1);
    });

    test("changes nothing about a secret that is not there", async () => {
      const store = await makeStore();
      await store.deleteVersions(path, [1]);
      await store.undeleteVersions(path, [1]);
      await store.destroyVersions(path, [1]);
      expect(await store.readMetadata(path)).toBeUndefined();
    });

    test("V12 lists a folder's own names only", async () => {
      const store = await makeStore();
      for (const name of ["t1/b", "t1/a/x", "t1/a", "t10/c", "t1x"]) {
        await store.write(`tenants/${name}`, sealPayload({}));
      }
      expect(await store.list("tenants/t1/")).toEqual(["a", "a/", "b"]);
      expect(await store.list("tenants/t1")).toEqual(["a", "a/", "b"]);
      expect(await store.list("tenants/")).toEqual(["t1/", "t10/", "t1x"]);
      expect(await store.list("")).toEqual(["tenants/"]);
    });

    test("V9 takes any name and any value", async () => {
      const store = await makeStore();
      const data = JSON.parse(
        '{"__proto__":"a","constructor":{"__proto__":null},"":"b","n":[1,-2.5,true],"e":"\\u0000é\\ud83d\\ude00"}',
      ) as SecretData;
      const names = ["__proto__", "constructor", "a b", "50%", "ü", "a?b#c", "-rf", "$(id)"];
      for (const name of names) await store.write(name, sealPayload(data));
      expect(await store.list("")).toEqual([...names].sort());
      for (const name of names) {
        const found = await store.readVersion(name);
        if (found?.state !== "live") throw new Error("not live");
        expect(JSON.stringify(openPayload(found.payload))).toBe(
          JSON.stringify(openPayload(sealPayload(data))),
        );
      }
    });

    test("V9 takes a value of 512 KiB", async () => {
      const store = await makeStore();
      const blob = Buffer.alloc(384 * 1024, 0xf5).toString("base64");
      await store.write(path, sealPayload({ blob }));
      expect(await read(store, path)).toEqual({ version: 1, state: "live", data: { blob } });
    });

    test.each(["", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "a\nb", "\ud800"])(
      "fails for the path %j",
      async (bad) => {
        const store = await makeStore();
        await expect(store.readVersion(bad)).rejects.toThrow(VaultRefused);
        await expect(store.write(bad, sealPayload({}))).rejects.toThrow(VaultRefused);
        await expect(store.remove(bad)).rejects.toThrow(VaultRefused);
      },
    );

    test("V11 tells itself from another store", async () => {
      const [a, b] = [await makeStore(), await makeStore()];
      expect(await a.identify()).toBe(await a.identify());
      expect(await a.identify()).not.toBe(await b.identify());
    });
  });
}

async function read(store: KvStore, path: string, version?: number) {
  const found = await store.readVersion(path, version);
  if (found?.state !== "live") return found;
  return { version: found.version, state: found.state, data: openPayload(found.payload) };
}

async function states(store: KvStore, path: string): Promise<Record<number, string>> {
  const metadata = await store.readMetadata(path);
  return Object.fromEntries([...(metadata?.versions ?? [])].map(([n, { state }]) => [n, state]));
}

function plain(metadata: SecretMetadata | undefined) {
  return metadata && { ...metadata, versions: [...metadata.versions] };
}
