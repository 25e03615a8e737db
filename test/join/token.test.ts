import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { issueJoinToken, joinTtlProblem, parseJoinToken, tokenMatches } from "../../lib/join/token";
import { SimulatedClock } from "../../lib/support/clock";
import { Secret } from "../../lib/support/secret";
import { NODE, START } from "./harness";

const clock = new SimulatedClock(START);
const issue = () => issueJoinToken(NODE, { ttl: "15m", clock });

describe("issueJoinToken", () => {
  test("T4 binds node, pool and cluster, and keeps the secret out of the record", () => {
    const { token, record } = issue();
    const [, id, secret] = token.reveal().split(".");
    expect(record).toEqual({
      id,
      hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      binding: NODE,
      issuedAt: "2030-01-01T00:00:00.000Z",
      expiresAt: "2030-01-01T00:15:00.000Z",
    });
    expect(JSON.stringify(record)).not.toContain(secret);
  });

  test("T7 has a secret of 256 bits, new each time", () => {
    const secrets = Array.from({ length: 100 }, () => issue().token.reveal().split(".")[2]!);
    expect(new Set(secrets).size).toBe(100);
    expect(secrets.map((secret) => Buffer.from(secret, "base64url").length)).toEqual(
      Array(100).fill(32),
    );
  });

  test("T6, T8 a record that was changed matches its token no more", () => {
    const { token, record } = issue();
    const parsed = parseJoinToken(token)!;
    expect(tokenMatches(parsed, record)).toBe(true);
    const changed = [
      { ...record, binding: { ...NODE, node: "eu-workers-2" } },
      { ...record, binding: { ...NODE, tenant: "acme" } },
      { ...record, expiresAt: "2040-01-01T00:00:00.000Z" },
      { ...record, id: "0123456789abcdef" },
    ];
    expect(changed.map((other) => tokenMatches(parsed, other))).toEqual(Array(4).fill(false));
  });

  test("T2 takes 1s to 24h", () => {
    expect(["1s", "15m", "24h", "1d", "86400s"].map(joinTtlProblem)).toEqual(
      Array(5).fill(undefined),
    );
  });

  test.each(["0", "0s", "0m", "25h", "2d", "86401s", "-1m", "", "15", "1e3m", "∞"])(
    "fails for T2 the life time %j",
    (ttl) => {
      expect(() => issueJoinToken(NODE, { ttl, clock })).toThrow(
        /^Invalid join token:\n - ttl: join token life time ".*" is not allowed; use 1s to 24h, such as 15m$/,
      );
    },
  );

  test.each(["../x", "..", "a b", "", "--kubeconfig=/x", "x".repeat(254), "n\u043ede"])(
    "fails for the node name %j",
    (node) => {
      expect(() => issueJoinToken({ ...NODE, node }, { ttl: "15m", clock })).toThrow(
        "is no node name",
      );
    },
  );
});

describe("parseJoinToken", () => {
  test("T8 has one spelling of a token only", () => {
    const text = issue().token.reveal();
    const last = text.at(-1)!;
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // The last character has two spare bits: its three neighbours decode to the same bytes.
    const spellings = [...alphabet].filter((character) => {
      const other = text.slice(0, -1) + character;
      return (
        parseJoinToken(Secret.of(other)) !== undefined &&
        (alphabet.indexOf(character) & ~3) === (alphabet.indexOf(last) & ~3)
      );
    });
    expect(spellings).toEqual([last]);
    for (const other of [`${text}=`, ` ${text}`, `${text}\n`, text.toUpperCase(), `${text}.x`]) {
      expect(parseJoinToken(Secret.of(other))).toBeUndefined();
    }
  });

  test("takes nothing that is no token", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseJoinToken(Secret.of(text))).toBeUndefined();
      }),
    );
  });
});
