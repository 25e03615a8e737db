import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SimulatedClock } from "../../lib/support/clock";
import { MemoryKvStore } from "../../lib/vault/memory-kv-store";
import { sealPayload } from "../../lib/vault/payload";
import { verifySyncLog } from "../../lib/vault/sync-log";
import { tempFolder } from "../doubles/temp-folder";
import { startVaultDouble } from "../doubles/vault-server";
import type { Fault, SeenRequest, VaultDouble } from "../doubles/vault-server";
import { atom, inFolder, smallFleet, writeFleet, writeKeyPair } from "./atom";

const VALUE = "value-of-the-database-5Rw8";
const TOKENS = { primary: "token-of-a-7Jx4", secondary: "token-of-b-2Pn6" };
const SMTP = "tenants/acme/smtp";
const START = new Date("2026-01-01T00:00:00Z");

let primary: VaultDouble;
let secondary: VaultDouble;
let replica: MemoryKvStore;
let folder: string;
let fleet: string;
let environment: Record<string, string>;

beforeEach(async () => {
  const clock = new SimulatedClock(START);
  const store = new MemoryKvStore(clock);
  await store.write("tenants/acme/database", sealPayload({ password: VALUE }));
  await store.write("tenants/acme/smtp", sealPayload({ password: `${VALUE}-smtp` }));
  replica = new MemoryKvStore(clock);
  primary = await startVaultDouble(store, { token: TOKENS.primary, mount: "atom" });
  secondary = await startVaultDouble(replica, { token: TOKENS.secondary, mount: "atom-eu-prod" });
  folder = tempFolder();
  fleet = writeFleet(
    folder,
    smallFleet({
      vault: { primary: primary.address, secondary: secondary.address, mount: "atom" },
    }),
  );
  environment = {
    ...writeKeyPair(folder).environment,
    VAULT_PRIMARY_TOKEN: TOKENS.primary,
    VAULT_SECONDARY_TOKEN: TOKENS.secondary,
  };
});
afterEach(() => Promise.all([primary.close(), secondary.close()]));

const run = (...argv: string[]) => atom(["vault", ...argv], { environment });
const logText = () => readFileSync(join(folder, "vault_sync.log"), "utf8");
const sees = (...texts: string[]) =>
  [VALUE, TOKENS.primary, TOKENS.secondary].filter((secret) => texts.join("\n").includes(secret));

describe("atom vault plan", () => {
  test("shows what differs and writes nothing", async () => {
    const { code, out, error } = await run("plan", fleet, "--region", "eu-west");
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(/^tenants\/acme\/database +create +1 +configure, write, sign$/m);
    expect(await replica.list("")).toEqual([]);
    expect(existsSync(join(folder, "vault_sync.log"))).toBe(false);
    expect(sees(out)).toEqual([]);
  });

  test("prints JSON, and needs no region where there is one", async () => {
    const { code, out } = await run("plan", fleet, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ outcome: "PLANNED", mount: "atom-eu-prod" });
  });

  test("fails for a region that is not there", async () => {
    const { code, error } = await run("plan", fleet, "--region", "eu-wets");
    expect(code).toBe(2);
    expect(error).toContain('did you mean "eu-west"?');
  });

  test("fails without tokens and names both variables", async () => {
    const { code, error } = await atom(["vault", "plan", fleet], { environment: {} });
    expect(code).toBe(2);
    expect(error).toContain("VAULT_PRIMARY_TOKEN: is not set; export VAULT_PRIMARY_TOKEN=<token>");
    expect(error).toContain("VAULT_SECONDARY_TOKEN: is not set");
  });

  test("fails in one line for a token that is not accepted", async () => {
    environment["VAULT_PRIMARY_TOKEN"] = "another-token-9Tt1";
    const { code, out, error } = await run("plan", fleet);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toMatch(/^failed: .*permission denied.*\n$/);
    expect(error).not.toContain("9Tt1");
  });

  test("fails for a path that the token may not read, and names what it left alone", async () => {
    primary.fault = ({ url }) => (url.includes("smtp") ? { status: 403 } : undefined);
    const { code, out, error } = await run("plan", fleet);
    expect(code).toBe(1);
    expect(error).toBe(
      `primary Vault ${primary.address}: the token's policies do not allow it on mount atom; ` +
        'let it do "read" on atom/data/tenants/* and "read", "list" on atom/metadata/tenants/*\n',
    );
    expect(out).toMatch(/^tenants\/acme\/database +create/m);
    expect(out).toMatch(
      /^tenants\/acme\/smtp +left alone +primary: the token's policies do not allow it on mount atom$/m,
    );
  });
});

/** As Vault answers whoever has no token that counts: about itself, and about nothing else. */
const openHealth = ({ url }: SeenRequest): Fault | undefined =>
  url.startsWith("/v1/sys/health") ? { status: 200, body: '{"cluster_id":"of-a"}' } : undefined;

describe("what cannot be read or waits for a word", () => {
  const SECRETS = ["database", "smtp"].map((name) => `tenants/acme/${name}`);
  const rows = (out: string) => out.split("\n").map((line) => line.split(/ {2,}/));
  const rowsOf = (...cells: string[]) => SECRETS.map((path) => [path, "left alone", ...cells]);

  test.each([[["plan"]], [["sync", "--apply"]]])(
    "%j names each path, and once the token that is not valid",
    async (argv) => {
      environment["VAULT_PRIMARY_TOKEN"] = "another-token-9Tt1";
      primary.fault = openHealth;
      const { code, out, error } = await run(...argv, fleet);
      const why = "the token is not valid, has ended, or may do nothing here";
      expect(code).toBe(1);
      expect(error).toBe(
        `primary Vault ${primary.address}: ${why}; give another one in VAULT_PRIMARY_TOKEN\n`,
      );
      const told = argv[0] === "plan" ? `primary: ${why}` : `FORBIDDEN: primary: ${why}`;
      expect(rows(out).slice(1, 3)).toEqual(rowsOf(told));
      if (argv[0] === "sync")
        expect(out).toContain("SYNC_PARTIAL: 0 secrets, 2 left alone, 0 writes");
      expect(`${out}${error}`).not.toContain("9Tt1");
    },
  );

  test("a missing mount is named, with the command that makes it", async () => {
    writeFleet(
      folder,
      smallFleet({
        vault: { primary: primary.address, secondary: secondary.address, mount: "other" },
      }),
    );
    primary.fault = openHealth;
    const { code, out, error } = await run("sync", fleet, "--apply");
    expect(code).toBe(1);
    expect(rows(out).slice(1, 3)).toEqual(rowsOf("REFUSED: primary: there is no mount other"));
    expect(error).toBe(
      `primary Vault ${primary.address}: there is no mount other; ` +
        "make it with: vault secrets enable -path=other -version=2 kv, or correct vault.mount of the fleet file\n",
    );
  });

  test("a held replica says why, and how to let it happen", async () => {
    await run("sync", fleet, "--apply");
    await replica.write("tenants/acme/smtp", sealPayload({ password: `${VALUE}-other` }));
    const held =
      "the replica has values that the primary does not have; " +
      "let it happen with --confirm tenants/acme/smtp";
    const plan = await run("plan", fleet);
    expect(rows(plan.out)[2]).toEqual(["tenants/acme/smtp", "rebuild, held", "1", held]);
    const sync = await run("sync", fleet, "--apply");
    expect(rows(sync.out)[2]).toEqual(["tenants/acme/smtp", "rebuild", "1", `HELD: ${held}`]);
    const confirmed = await run("sync", fleet, "--apply", "--confirm", "tenants/acme/smtp");
    expect({ code: confirmed.code, error: confirmed.error }).toEqual({ code: 0, error: "" });
    expect(sees(plan.out, sync.out, confirmed.out)).toEqual([]);
  });
});

describe("--confirm", () => {
  test("does not swallow the option that comes next", async () => {
    const { code, error } = await run("sync", fleet, "--confirm", "--apply");
    expect({ code, error }).toEqual({
      code: 2,
      error:
        "error: option '--confirm <path...>' argument '--apply' is invalid. It is no path of a secret.\n",
    });
    expect(await replica.list("")).toEqual([]);
  });

  test.each([
    ["tenants/acme/databse", "did you mean tenants/acme/database?"],
    ["tenants/acme/", "did you mean tenants/acme/smtp?"],
    ["tenants/globex/a", "take a path of atom vault plan"],
  ])("fails for %s, which no tenant opted into", async (path, mend) => {
    const { code, error } = await run("sync", fleet, "--apply", "--confirm", SMTP, path);
    expect({ code, error }).toEqual({
      code: 2,
      error: `Invalid choice:\n - --confirm: "${path}" is no secret that a tenant here opted into; ${mend}\n`,
    });
    expect(primary.requests).toEqual([]);
  });
});

describe("atom vault sync", () => {
  test("writes nothing without --apply", async () => {
    const { code, error } = await run("sync", fleet);
    expect({ code, error }).toEqual({
      code: 0,
      error: "nothing was written; replicate with --apply\n",
    });
    expect(await replica.list("")).toEqual([]);
  });

  test("replicates, logs, and changes nothing the second time", async () => {
    const first = await run("sync", fleet, "--apply");
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/SYNCED: 2 secrets, [1-9][0-9]* writes/);
    const found = await replica.readVersion("tenants/acme/database");
    expect(found?.state === "live" && found.payload.reveal()).toBe(`{"password":"${VALUE}"}`);
    const length = logText().length;
    expect(verifySyncLog(logText()).intact).toBe(true);
    const records = readFileSync(join(folder, "vault_replicas.json"), "utf8");
    expect(JSON.parse(records)).toMatchObject({ replicas: [{ version: 1 }, { version: 1 }] });
    expect(records).not.toContain("fault");
    const second = await run("sync", fleet, "--apply");
    expect(second.out).toContain("SYNCED: 2 secrets, 0 writes");
    expect(logText().length).toBeGreaterThan(length);
    expect(verifySyncLog(logText()).intact).toBe(true);
    expect(sees(first.out, first.error, second.out, logText(), records)).toEqual([]);
  });

  test("fails with a key that the fleet does not trust, before anything is read", async () => {
    environment = { ...environment, ...writeKeyPair(tempFolder()).environment };
    const { code, error } = await run("sync", fleet, "--apply");
    expect(code).toBe(2);
    expect(error).toContain("is not the private half of a key in cosign.pub");
    expect(primary.requests).toEqual([]);
  });

  test("says what became of each secret also where the far side then goes away", async () => {
    let isAway = false;
    secondary.fault = ({ method, url }) => {
      isAway ||= method === "POST" && url.includes("smtp");
      return isAway ? { status: 501, body: '{"initialized":false}' } : undefined;
    };
    const { code, out, error } = await run("sync", fleet, "--apply");
    const why = `secondary Vault ${secondary.address}: it is not initialized (501); see: vault operator init`;
    expect({ code, out, error }).toEqual({
      code: 1,
      out:
        "secret                 change  version  outcome\n" +
        "tenants/acme/database  create  1        SYNCED\n" +
        `tenants/acme/smtp      create  1        UNREACHABLE: ${why}\n\n` +
        "SYNC_PARTIAL: 2 secrets, 3 writes\n",
      error: `failed: ${why}\n`,
    });
  });

  test("fails without a key before anything is read", async () => {
    delete environment["COSIGN_KEY_PATH"];
    const { code, error } = await run("sync", fleet, "--apply");
    expect(code).toBe(2);
    expect(error).toContain("COSIGN_KEY_PATH: there is no key to sign with");
    expect(primary.requests).toEqual([]);
  });

  test.each([[["plan"]], [["sync", "--apply"]]])(
    "fails with SYNC_SIMULATED for %j when a Vault cannot be reached",
    async (argv) => {
      await secondary.close();
      const { code, out, error } = await run(...argv, fleet);
      expect({ code, out, error }).toEqual({
        code: 1,
        out: "SYNC_SIMULATED: a Vault cannot be reached, and nothing was written\n",
        error:
          `secondary Vault ${secondary.address}: nothing listens there (ECONNREFUSED); see that it runs and ` +
          "that this machine may call it, or correct vault.secondary of the fleet file or VAULT_SECONDARY_ADDR\n",
      });
      if (argv.includes("--apply")) expect(logText()).toContain("SYNC_SIMULATED");
    },
  );

  describe("--plan -", () => {
    const planOf = () => ({
      secrets: { acme: ["database"] },
      primary: { address: primary.address, token: TOKENS.primary, mount: "atom" },
      secondary: { address: secondary.address, token: TOKENS.secondary, mount: "atom-eu-prod" },
    });
    const sync = (input: object) => {
      const { COSIGN_KEY_PATH, COSIGN_PASSWORD } = environment;
      const argv = ["vault", "sync", "--apply", "--plan", "-"];
      return atom(argv, { environment: { COSIGN_KEY_PATH, COSIGN_PASSWORD }, input });
    };

    test("takes servers, tokens and secrets from standard input", async () => {
      const work = tempFolder();
      const { code, out } = await inFolder(work, () => sync(planOf()));
      expect(code).toBe(0);
      expect(out).toContain("SYNCED: 1 secret,");
      expect(await replica.list("tenants/acme/")).toEqual(["database"]);
      expect(sees(out, readFileSync(join(work, "vault_sync.log"), "utf8"))).toEqual([]);
    });

    test("takes the tokens that a plan leaves out from the environment", async () => {
      const { primary: from, secondary: to, ...rest } = planOf();
      const withoutTokens = {
        ...rest,
        primary: { ...from, token: undefined },
        secondary: { ...to, token: undefined },
      };
      const { COSIGN_KEY_PATH, COSIGN_PASSWORD } = environment;
      const { code, out } = await inFolder(tempFolder(), () =>
        atom(["vault", "sync", "--apply", "--plan", "-"], {
          environment: {
            COSIGN_KEY_PATH,
            COSIGN_PASSWORD,
            VAULT_PRIMARY_TOKEN: TOKENS.primary,
            VAULT_TOKEN: TOKENS.secondary,
          },
          input: withoutTokens,
        }),
      );
      expect(code).toBe(0);
      expect(out).toContain("SYNCED: 1 secret,");
    });

    test("fails for a plan of another shape without repeating a token", async () => {
      const plan = planOf();
      const { code, error } = await inFolder(tempFolder(), () =>
        sync({ ...plan, primary: { ...plan.primary, tokn: "x" } }),
      );
      expect(code).toBe(2);
      expect(error).toContain("standard input: is no plan of this verb (primary)");
      expect(sees(error)).toEqual([]);
    });

    test("fails for text that is no JSON without repeating it", async () => {
      const argv = ["vault", "sync", "--plan", "-"];
      const { code, error } = await atom(argv, { input: `{ token: ${TOKENS.primary}` });
      expect({ code, error }).toEqual({
        code: 2,
        error: "Invalid plan:\n - standard input: is not JSON\n",
      });
    });

    test("fails for a secret outside of the tenant's folder", async () => {
      const { code, error } = await sync({
        ...planOf(),
        secrets: { acme: ["../globex/database"] },
      });
      expect(code).toBe(2);
      expect(error).toContain("paths[0]");
      expect(await replica.list("")).toEqual([]);
    });
  });
});
