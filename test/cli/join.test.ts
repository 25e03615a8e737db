import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileTokenLedger } from "../../lib/join/file-token-ledger";
import { parseJoinToken } from "../../lib/join/token";
import { sha256 } from "../../lib/support/digest";
import { Secret } from "../../lib/support/secret";
import { tempFolder } from "../doubles/temp-folder";
import { atom, writeFleet } from "./atom";

describe("atom join plan", () => {
  test("shows nodes, labels and taints", async () => {
    const { code, out } = await atom(["join", "plan", writeFleet(tempFolder())]);
    expect(code).toBe(0);
    expect(out.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["cluster", "pool", "node", "labels", "taints", "token life"],
      ...["1", "2"].map((number) => [
        "eu-prod",
        "workers",
        `eu-prod-workers-${number}`,
        "node-restriction.kubernetes.io/atom-pool=workers",
        "none",
        "15m",
      ]),
      [""],
    ]);
  });

  test("prints JSON", async () => {
    const { out } = await atom(["join", "plan", writeFleet(tempFolder()), "--json"]);
    expect(JSON.parse(out)).toMatchObject([{ cluster: "eu-prod", nodes: [{}, {}] }]);
  });
});

describe("atom join token", () => {
  const node = "eu-prod-workers-1";
  const issue = (ledger: string, ...argv: string[]) =>
    atom([
      "join",
      "token",
      node,
      "--cluster",
      "eu-prod",
      "--pool",
      "workers",
      "--ledger",
      ledger,
      "--fleet",
      writeFleet(tempFolder()),
      ...argv,
    ]);

  test("issues nothing without --apply", async () => {
    const ledger = join(tempFolder(), "ledger");
    const { code, out, error } = await issue(ledger);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(error).toContain("nothing was issued");
    expect(existsSync(ledger)).toBe(false);
  });

  test("prints a token once, alone on standard output, and the ledger takes it once", async () => {
    const folder = join(tempFolder(), "ledger");
    const { code, out, error } = await issue(folder, "--tenant", "acme", "--ttl", "5m", "--apply");
    expect(code).toBe(0);
    expect(out).toMatch(/^atomjoin1\.[0-9a-f]{16}\.[A-Za-z0-9_-]{43}\n$/);
    const token = parseJoinToken(Secret.of(out.trim()))!;
    expect(error).not.toContain(token.secret.reveal());
    const files = readdirSync(folder);
    expect(files).toEqual([`${token.id}.token.json`]);
    expect(readFileSync(join(folder, files[0]!), "utf8")).not.toContain(token.secret.reveal());

    const ledger = new FileTokenLedger(folder);
    const now = { reservedAt: new Date().toISOString() };
    const first = ledger.reserve(token, { csrHash: sha256("one"), ...now });
    expect(first).toMatchObject({
      reserved: true,
      record: { binding: { cluster: "eu-prod", pool: "workers", node, tenant: "acme" } },
    });
    const second = ledger.reserve(token, { csrHash: sha256("two"), ...now });
    expect(second).toEqual({ reserved: false, reason: "used" });
  });

  test.each([
    [["--ttl", "25h"], "life time"],
    [["--tenant", "Acme"], "tenant"],
    [["--cluster", "eu-prdo"], '--cluster: unknown cluster "eu-prdo"; did you mean "eu-prod"?'],
    [["--pool", "nope"], '--pool: unknown pool "nope"; known: "workers"'],
    [["--tenant", "globex"], 'tenant: unknown tenant "globex"; known: "acme"'],
    [["--fleet", "nowhere.yaml"], "nowhere.yaml"],
  ])("fails for %j before anything is written", async (argv, words) => {
    const ledger = join(tempFolder(), "ledger");
    const { code, out, error } = await issue(ledger, ...argv, "--apply");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(words);
    expect(existsSync(ledger)).toBe(false);
  });

  test("fails without a ledger", async () => {
    const { code, error } = await atom(["join", "token", node, "--cluster", "c", "--pool", "p"]);
    expect(code).toBe(2);
    expect(error).toContain("--ledger");
  });
});
