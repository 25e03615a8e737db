import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { FileTokenLedger } from "../../lib/join/file-token-ledger";
import { FileNodeNames, MemoryNodeNames } from "../../lib/join/node-names";
import { issueJoinToken, parseJoinToken } from "../../lib/join/token";
import { MemoryTokenLedger } from "../../lib/join/token-ledger";
import { SimulatedClock } from "../../lib/support/clock";
import { sha256 } from "../../lib/support/digest";
import { Secret } from "../../lib/support/secret";
import { Harness, NODE, START } from "./harness";

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "atom-ledger-"));
  folders.push(made);
  return made;
}
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true });
});

function issue() {
  const { token, record } = issueJoinToken(NODE, {
    ttl: "15m",
    clock: new SimulatedClock(START),
  });
  return { token: parseJoinToken(token)!, record };
}
const spend = (text: string) => ({ csrHash: sha256(text), reservedAt: START.toISOString() });

describe.each([
  ["MemoryTokenLedger", () => new MemoryTokenLedger()],
  ["FileTokenLedger", () => new FileTokenLedger(folder())],
])("%s", (_, create) => {
  test("T1 gives a token to the first request only, and to that again", () => {
    const ledger = create();
    const { token, record } = issue();
    ledger.add(record);
    const given = { reserved: true, record, reservation: spend("a") };
    expect(ledger.reserve(token, spend("a"))).toEqual({ ...given, first: true });
    expect(ledger.reserve(token, spend("b"))).toEqual({ reserved: false, reason: "used" });
    expect(ledger.reserve(token, spend("a"))).toEqual({ ...given, first: false });
  });

  test("T7 a wrong secret burns nothing, and adding a token again revives nothing", () => {
    const ledger = create();
    const { token, record } = issue();
    ledger.add(record);
    const wrong = { id: token.id, secret: Secret.of("A".repeat(43)) };
    expect(ledger.reserve(wrong, spend("a"))).toEqual({ reserved: false, reason: "unknown" });
    expect(ledger.reserve(token, spend("b"))).toMatchObject({ first: true });
    ledger.add(record);
    expect(ledger.reserve(token, spend("c"))).toEqual({ reserved: false, reason: "used" });
    expect(ledger.reserve(wrong, spend("b"))).toEqual({ reserved: false, reason: "unknown" });
  });

  test("T10 the first end of a reservation stands", () => {
    const ledger = create();
    const { token, record } = issue();
    ledger.add(record);
    ledger.reserve(token, spend("a"));
    ledger.end(record.id, { outcome: "refused" });
    ledger.end(record.id, { outcome: "issued", certificatePem: "x" });
    expect(ledger.reserve(token, spend("a"))).toMatchObject({ end: { outcome: "refused" } });
  });
});

describe("FileTokenLedger", () => {
  test("T11 a burnt token stays burnt for a ledger opened later and for others beside it", () => {
    const path = folder();
    const { token, record } = issue();
    new FileTokenLedger(path).add(record);
    const ledgers = Array.from({ length: 5 }, () => new FileTokenLedger(path));
    const results = ledgers.map((ledger, index) => ledger.reserve(token, spend(`${index}`)));
    expect(results.map(({ reserved }) => reserved)).toEqual([true, false, false, false, false]);
    expect(new FileTokenLedger(path).reserve(token, spend("later")).reserved).toBe(false);
    expect(readdirSync(path).sort()).toEqual([
      `${record.id}.burnt.json`,
      `${record.id}.token.json`,
    ]);
  });

  test("T11 a gateway that restarts refuses a token used before", async () => {
    const path = folder();
    const harness = await Harness.create(new FileTokenLedger(path), new FileNodeNames(folder()));
    const token = harness.token();
    await harness.gateway().join(await harness.request(token));
    await harness
      .gateway({ ledger: new FileTokenLedger(path), names: new MemoryNodeNames() })
      .join(await harness.request(token));
    expect(harness.outcomes).toEqual(["joined", "used token"]);
  });

  test("T14 no file and no name of a file holds the secret", async () => {
    const path = folder();
    const harness = await Harness.create(new FileTokenLedger(path));
    const token = harness.token();
    await harness.gateway().join(await harness.request(token));
    const secret = token.reveal().split(".")[2]!;
    const names = readdirSync(path);
    expect(names.length).toBe(3);
    const all = names.map((name) => name + readFileSync(join(path, name), "utf8")).join();
    expect(all).not.toContain(secret);
    expect(all).not.toContain(Buffer.from(secret, "base64url").toString("hex"));
  });

  test("fails for a damaged record instead of admitting", () => {
    const path = folder();
    const { token, record } = issue();
    const ledger = new FileTokenLedger(path);
    ledger.add(record);
    ledger.reserve(token, spend("a"));
    writeFileSync(join(path, `${record.id}.burnt.json`), "{");
    expect(() => ledger.reserve(token, spend("a"))).toThrow("Invalid join token ledger");
  });
});

describe.each([
  ["MemoryNodeNames", () => new MemoryNodeNames()],
  ["FileNodeNames", () => new FileNodeNames(folder())],
])("%s", (_, create) => {
  test("T5 a name is its first taker's until a re-key is allowed", () => {
    const names = create();
    expect(names.take("eu", "n1", "a")).toBe(true);
    expect(names.take("eu", "n1", "b")).toBe(false);
    expect(names.take("eu", "n1", "a")).toBe(true);
    expect(names.take("us", "n1", "b")).toBe(true);
    expect(names.holder("eu", "n1")).toBe("a");
    names.allowRekey("eu", "n1");
    expect(names.holder("eu", "n1")).toBeUndefined();
    expect(names.take("eu", "n1", "b")).toBe(true);
  });
});

test("fails for a node name that leaves the folder", () => {
  expect(() => new FileNodeNames(folder()).take("eu", "../x", "a")).toThrow(RangeError);
});
