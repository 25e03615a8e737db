import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { SimulatedClock } from "../../lib/support/clock";
import { Secret } from "../../lib/support/secret";
import { UsageError } from "../../lib/support/problem";
import { HttpKvStore } from "../../lib/vault/http-kv-store";
import type { HttpKvStoreOptions } from "../../lib/vault/http-kv-store";
import { MemoryKvStore } from "../../lib/vault/memory-kv-store";
import { sealPayload } from "../../lib/vault/payload";
import {
  VaultConflict,
  VaultForbidden,
  VaultRefused,
  VaultUnreachable,
} from "../../lib/vault/vault-error";
import { startVaultDouble } from "../doubles/vault-server";
import type { VaultDouble } from "../doubles/vault-server";
import { describeKvStore } from "./kv-conformance";

const token = "token-canary-7731";
const doubles: VaultDouble[] = [];

afterEach(async () => {
  await Promise.all(doubles.splice(0).map((double) => double.close()));
});

async function start(options: Partial<HttpKvStoreOptions> = {}) {
  const memory = new MemoryKvStore(new SimulatedClock(new Date("2026-01-02T03:04:05Z")));
  const double = await startVaultDouble(memory, { token, mount: "atom" });
  doubles.push(double);
  const waits: number[] = [];
  const store = new HttpKvStore({
    address: double.address,
    mount: "atom",
    token: Secret.of(token),
    wait: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
    ...options,
  });
  return { memory, double, store, waits };
}

describeKvStore("HttpKvStore on a double", async () => (await start()).store);

/** What a call throws, with everything that might be printed of it. */
async function failureOf(call: Promise<unknown>): Promise<Error> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("the call did not fail");
  expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain("canary");
  return error;
}

describe("HttpKvStore", () => {
  test("sends token and namespace in headers, never in the URL", async () => {
    const { store, double } = await start({ namespace: "team" });
    await store.list("tenants/");
    const [request] = double.requests;
    expect(request).toMatchObject({
      method: "GET",
      url: "/v1/atom/metadata/tenants/?list=true",
      headers: { "x-vault-token": token, "x-vault-namespace": "team" },
    });
  });

  test.each([412, 429, 500, 502, 503, 504])("V3 tries again after %i", async (status) => {
    const { store, double, waits } = await start();
    let left = 2;
    double.fault = () => (left-- > 0 ? { status } : undefined);
    expect(await store.readVersion("a")).toBeUndefined();
    expect(waits).toHaveLength(2);
    expect(waits[0]).toBeGreaterThanOrEqual(100);
    expect(waits[1]).toBeGreaterThanOrEqual(200);
  });

  test("V4 waits as long as Retry-After says, within reason", async () => {
    const { store, double, waits } = await start();
    const headers = ["7", "3600", "soon"].map((value) => ({ "retry-after": value }));
    double.fault = () => {
      const next = headers.shift();
      return next && { status: 429, headers: next };
    };
    await store.readVersion("a");
    expect(waits.slice(0, 2)).toEqual([7_000, 30_000]);
    expect(waits[2]).toBeLessThanOrEqual(800);
  });

  test("V1 fails as unreachable when the server stays sealed", async () => {
    const { store, double, waits } = await start();
    double.fault = () => ({ status: 503, body: '{"errors":["Vault is sealed canary"]}' });
    const error = await failureOf(store.readMetadata("a"));
    expect(error).toBeInstanceOf(VaultUnreachable);
    expect(error.message).toMatch(/^127\.0\.0\.1:[0-9]+: sealed or not ready \(503\)$/);
    expect([double.requests.length, waits.length]).toEqual([4, 3]);
  });

  test("fails as unreachable when nobody listens", async () => {
    const { store, double } = await start({ attempts: 2 });
    await double.close();
    expect(await failureOf(store.list(""))).toBeInstanceOf(VaultUnreachable);
  });

  test("fails as unreachable when no answer comes in time", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const { store } = await start({
      address: `http://127.0.0.1:${port}`,
      attempts: 1,
      timeout: 20,
    });
    const error = await failureOf(store.list(""));
    silent.close();
    expect(error).toBeInstanceOf(VaultUnreachable);
    expect(error.message).toMatch(/no answer in time$/);
  });

  test("V2 fails as forbidden at once, which says nothing of what is there", async () => {
    const { store, double } = await start({ token: Secret.of("canary-of-another") });
    const error = await failureOf(store.readMetadata("tenants/acme/database"));
    expect(error).toBeInstanceOf(VaultForbidden);
    expect(error).toMatchObject({ path: "tenants/acme/database" });
    expect(double.requests).toHaveLength(1);
  });

  test("fails for a missing mount, which does not mean that its secrets are gone", async () => {
    const { store } = await start({ mount: "other" });
    expect(await failureOf(store.readMetadata("a"))).toBeInstanceOf(VaultRefused);
    expect(await failureOf(store.list(""))).toBeInstanceOf(VaultRefused);
  });

  test("fails for a 404 of somebody else's web server", async () => {
    const { store, double } = await start();
    double.fault = () => ({ status: 404, body: "<html>Not found</html>" });
    expect(await failureOf(store.readMetadata("a"))).toBeInstanceOf(VaultUnreachable);
    double.fault = () => ({ status: 404, body: "" });
    expect(await failureOf(store.readMetadata("a"))).toBeInstanceOf(VaultRefused);
  });

  test("fails for an answer that no KV store gives", async () => {
    const { store, double } = await start();
    for (const body of ["{}", '{"data":{"data":"canary"}}', "[]", ""]) {
      double.fault = () => ({ status: 200, body });
      expect(await failureOf(store.readVersion("a"))).toBeInstanceOf(VaultUnreachable);
    }
  });

  test("R7 fails for a redirect and takes the token nowhere", async () => {
    const { store, double } = await start();
    const other = await start();
    double.fault = () => ({ status: 307, headers: { location: other.double.address } });
    expect(await failureOf(store.list(""))).toBeInstanceOf(VaultUnreachable);
    expect(other.double.requests).toEqual([]);
  });

  test("V7 a write whose answer was lost is a conflict on its replay, not a second version", async () => {
    const { store, double, memory } = await start();
    double.fault = () => (double.requests.length === 1 ? "cut after" : undefined);
    const error = await failureOf(store.write("a", sealPayload({ p: "canary" }), 0));
    expect(error).toBeInstanceOf(VaultConflict);
    expect((await memory.readMetadata("a"))?.currentVersion).toBe(1);
  });

  test("V7 a write without check-and-set is not repeated after its answer was lost", async () => {
    const { store, double, memory } = await start();
    double.fault = () => (double.requests.length === 1 ? "cut after" : undefined);
    const error = await failureOf(store.write("a", sealPayload({})));
    expect(error).toBeInstanceOf(VaultUnreachable);
    expect((await memory.readMetadata("a"))?.currentVersion).toBe(1);
  });

  test("repeats a read after the connection was cut", async () => {
    const { store, double, memory } = await start();
    await memory.write("a", sealPayload({}));
    double.fault = () => (double.requests.length === 1 ? "cut before" : undefined);
    expect((await store.readVersion("a"))?.version).toBe(1);
  });

  test("V8 a version that expires is live until then", async () => {
    const clock = new SimulatedClock(new Date("2026-01-02T03:00:00Z"));
    const { store, double } = await start({ clock });
    const version = { created_time: "2026-01-01T00:00:00Z", destroyed: false };
    const body = JSON.stringify({
      data: {
        current_version: 1,
        max_versions: 0,
        cas_required: false,
        custom_metadata: null,
        versions: { 1: { ...version, deletion_time: "2026-01-02T03:00:01.5Z" } },
      },
    });
    double.fault = () => ({ status: 200, body });
    const state = async () => (await store.readMetadata("a"))?.versions.get(1)?.state;
    expect(await state()).toBe("live");
    clock.advance(1_500);
    expect(await state()).toBe("deleted");
  });

  test.each([
    "vault.example:8200",
    "http://vault.example:8200",
    "ftp://vault.example",
    "https://user:canary@vault.example",
    "https://vault.example?token=canary",
    "",
  ])("fails for the address %j", (address) => {
    const make = () => new HttpKvStore({ address, mount: "atom", token: Secret.of(token) });
    expect(make).toThrow(UsageError);
    expect(make).not.toThrow(/canary/);
  });
});
