import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { SimulatedClock } from "../../lib/support/clock";
import { UsageError } from "../../lib/support/problem";
import { MemoryKvStore } from "../../lib/vault/memory-kv-store";
import { openPayload } from "../../lib/vault/payload";
import { readSeed, seedStore } from "../../lib/vault/seed";
import { VaultConflict } from "../../lib/vault/vault-error";

const example = readFileSync("examples/fleet/secrets.yaml", "utf8");
const newStore = () => new MemoryKvStore(new SimulatedClock(new Date("2026-01-02T03:04:05Z")));

function problemsOf(text: string): readonly string[] {
  try {
    readSeed(text);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(`${error.stack}`).not.toContain("canary");
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe("the example's secrets file", () => {
  const seed = readSeed(example);

  test("has eight secrets of three tenants", () => {
    expect(seed.map(({ tenant, path }) => [tenant, path])).toEqual([
      ["acme", "tenants/acme/database"],
      ["acme", "tenants/acme/smtp"],
      ["acme", "tenants/acme/tls"],
      ["globex", "tenants/globex/database"],
      ["globex", "tenants/globex/object-storage"],
      ["globex", "tenants/globex/webhook"],
      ["initech", "tenants/initech/database"],
      ["initech", "tenants/initech/license"],
    ]);
  });

  test("has values that differ, are long enough to be searched for and are plainly examples", () => {
    const values = seed.flatMap(({ data }) => Object.values(data).map((value) => value.reveal()));
    expect(new Set(values).size).toBe(values.length);
    expect(values.filter((value) => value.length < 12 || !/example/i.test(value))).toEqual([]);
  });

  test("S10 keeps quotes, line breaks and a pattern's characters as they are", () => {
    const webhook = seed.find(({ path }) => path.endsWith("/webhook"));
    expect(webhook?.data["signingKey"]?.reveal()).toBe(
      `example-globex "hook" 'key'\n.*+?^\${}()|[]\\ second line\tend`,
    );
  });

  test("shows no value when it is printed", () => {
    const printed = inspect(seed, { depth: 9 }) + JSON.stringify(seed);
    for (const value of seed.flatMap(({ data }) => Object.values(data))) {
      expect(printed).not.toContain(value.reveal());
    }
  });

  test("fills a store once", async () => {
    const store = newStore();
    await seedStore(store, seed);
    const found = await store.readVersion("tenants/acme/smtp");
    expect(found?.state === "live" && openPayload(found.payload)).toEqual({
      username: "example-acme-mailer",
      password: "example-acme-smtp-pw-4Tn9",
    });
    const metadata = await store.readMetadata("tenants/acme/database");
    expect(metadata?.customMetadata).toEqual({ owner: "acme-platform", rotation: "quarterly" });
    await expect(seedStore(store, seed)).rejects.toThrow(VaultConflict);
  });
});

describe("a secrets file", () => {
  const secret = (rest: string) => `version: 1\nsecrets:\n  - ${rest}\n`;

  test.each([
    ["", ": missing; an object is required"],
    ["just words", ": missing; an object is required"],
    ["version: 2\nsecrets: []", "version: expected 1, received a number"],
    ["version: 1\nsecrets: {}", "secrets: expected an array, received an object"],
    [
      secret("{ path: tenants/acme/a, data: { pin: 123456 } }"),
      "secrets[0].data.pin: expected a string, received a number",
    ],
    [
      secret("{ path: other/acme/a, data: {} }"),
      'secrets[0].path: "other/acme/a" is not in a tenant\'s folder; write tenants/<tenant>/<secret>',
    ],
    [
      secret("{ path: tenants/acme/.., data: {} }"),
      `secrets[0].path: secret ".." is no path; use segments of A-Z, a-z, 0-9, '-' and '_' between slashes`,
    ],
    [
      "version: 1\nsecrets:\n  - &a { path: tenants/a/a, data: {} }\n  - *a",
      ": has an alias (*name); write the value out",
    ],
    ['version: 1\nsecrets: "canary', "line 2: is no valid YAML (missing_char)"],
    ["version: 1\nversion: 1\nsecrets: []", "line 2: is no valid YAML (duplicate_key)"],
    [
      secret('{ path: tenants/acme/a, data: { "__proto__": canary-value } }'),
      'secrets[0].data.__proto__: key "__proto__" is not allowed',
    ],
  ])("S10 fails for %j", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test("fails for a path that stands twice", () => {
    const text = `version: 1\nsecrets:\n${"  - { path: tenants/acme/a, data: { p: canary } }\n".repeat(2)}`;
    expect(problemsOf(text)).toEqual(['secrets[1].path: "tenants/acme/a" stands twice']);
  });
});
