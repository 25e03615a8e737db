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
import type { Fault, SeenRequest, VaultDouble } from "../doubles/vault-server";
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
    expect(error.message).toMatch(
      /^127\.0\.0\.1:[0-9]+: it is sealed \(503\); unseal it with: vault operator unseal$/,
    );
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
    expect(error.message).toMatch(/: it gave no answer in time; correct its address$/);
  });

  test("V2 fails as forbidden at once, which says nothing of what is there", async () => {
    const { store, double } = await start({ token: Secret.of("canary-of-another") });
    const error = await failureOf(store.readMetadata("tenants/acme/database"));
    expect(error).toBeInstanceOf(VaultForbidden);
    expect(error).toMatchObject({ path: "tenants/acme/database" });
    // Once for itself, once to learn whether the token is one at all.
    expect(double.requests.map(({ url }) => url)).toEqual([
      "/v1/atom/metadata/tenants/acme/database",
      "/v1/auth/token/lookup-self",
    ]);
    await failureOf(store.readMetadata("tenants/acme/smtp"));
    expect(double.requests).toHaveLength(3);
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

  describe("says which Vault, where, why and what to do", () => {
    const ADDRESS_MEND = "correct vault.primary of the fleet file or VAULT_PRIMARY_ADDR";
    const told = async (
      fault: (request: SeenRequest) => Fault | undefined,
      call: (store: HttpKvStore) => Promise<unknown> = (store) => store.identify(),
      options: Partial<HttpKvStoreOptions> = {},
    ) => {
      const { store, double } = await start({ end: "primary", ...options });
      double.fault = fault;
      const { message } = await failureOf(call(store));
      return message.replace(double.address, "ADDRESS");
    };

    test.each([
      [
        { status: 503, body: '{"sealed":true,"initialized":true}' },
        "it is sealed (503); unseal it with: vault operator unseal",
      ],
      [
        { status: 501, body: '{"sealed":true,"initialized":false}' },
        "it is not initialized (501); see: vault operator init",
      ],
      [{ status: 503, body: "<html>canary</html>" }, "it is not ready (503)"],
      [
        { status: 400, body: "Client sent an HTTP request to an HTTPS server.\n" },
        "it speaks TLS, and was called without; write https:// in its address",
      ],
      [
        { status: 200, body: "<html>canary</html>" },
        `what answers there is no Vault (status 200 without JSON); ${ADDRESS_MEND}`,
      ],
      [
        { status: 200, body: '{"name":"canary"}' },
        `what answers there is no Vault (sys/health names no cluster); ${ADDRESS_MEND}`,
      ],
    ])("for the answer %j", async (answer, words) => {
      expect(await told(() => answer)).toBe(`primary Vault ADDRESS: ${words}`);
    });

    test("for a token that is none", async () => {
      const options = { token: Secret.of("canary-of-another") };
      expect(
        await told(
          () => undefined,
          (store) => store.list("tenants/"),
          options,
        ),
      ).toBe(
        "primary Vault ADDRESS: the token is not valid, has ended, or may do nothing here for " +
          "tenants/; give another one in VAULT_PRIMARY_TOKEN",
      );
    });

    test.each([
      ["primary", '"read" on atom/data/tenants/* and "read", "list" on atom/metadata/tenants/*'],
      ["secondary", '"create", "read", "update", "delete", "list" on atom/+/tenants/*'],
    ] as const)("for the policies of the %s's token", async (end, rights) => {
      const fault = ({ url }: SeenRequest) =>
        url.includes("/atom/") ? { status: 403 } : undefined;
      expect(await told(fault, (store) => store.readMetadata("tenants/acme/a"), { end })).toBe(
        `${end} Vault ADDRESS: the token's policies do not allow it on mount atom for tenants/acme/a; ` +
          `let it do ${rights}`,
      );
    });

    const COMMAND = "make it with: vault secrets enable -path=other -version=2 kv";
    test.each([
      ["primary", `${COMMAND}, or correct vault.mount of the fleet file`],
      ["secondary", `deploy the platform's stack, which makes it, or ${COMMAND}`],
    ] as const)("for a missing mount of the %s", async (end, mend) => {
      const read = (store: HttpKvStore) => store.readMetadata("tenants/acme/a");
      expect(await told(() => undefined, read, { mount: "other", end })).toBe(
        `${end} Vault ADDRESS: tenants/acme/a was refused: there is no mount other; ${mend}`,
      );
    });

    test.each([
      [{ type: "kv", options: { version: "1" } }, "it is KV version 1"],
      [{ type: "kv", options: null }, "it is KV version 1"],
      [{ type: "cubbyhole", options: null }, "it is no KV mount"],
    ])("for the mount %j, where every secret would look gone", async (data, words) => {
      const fault = ({ url }: SeenRequest) =>
        url === "/v1/sys/internal/ui/mounts/atom"
          ? { status: 200, body: JSON.stringify({ data }) }
          : undefined;
      expect(await told(fault)).toBe(
        `primary Vault ADDRESS: mount atom was refused: ${words}; ` +
          "make another one with: vault secrets enable -path=<mount> -version=2 kv",
      );
    });
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
