import { describe, expect, test } from "vitest";
import { parseChallenge, readToken, tokenServer } from "../../../lib/registry/http/http-auth";
import { RegistryError, TransientError } from "../../../lib/registry/registry-error";
import { DEFAULT_RETRIES, parseRetryAfter, withRetries } from "../../../lib/registry/http/retry";

function recorded(random: number) {
  const waits: number[] = [];
  const wait = (milliseconds: number) => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  return { waits, timing: { wait, random: () => random } };
}

describe("withRetries", () => {
  test("R1 waits twice as long each time, with jitter, and never beyond the budget", async () => {
    for (const random of [0, 0.5, 0.999]) {
      const { waits, timing } = recorded(random);
      const policy = { ...DEFAULT_RETRIES, attempts: 50 };
      const failing = withRetries(policy, timing, () => Promise.reject(new TransientError("down")));
      await expect(failing).rejects.toThrow("down");
      expect(waits.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(policy.waitBudget);
      expect(waits.slice(0, 3)).toEqual([500 * random, 1_000 * random, 2_000 * random]);
    }
  });

  test("R1 throws at once what will not pass", async () => {
    const { waits, timing } = recorded(0.5);
    let calls = 0;
    const failing = withRetries(DEFAULT_RETRIES, timing, () => {
      calls += 1;
      return Promise.reject(new RegistryError("denied", "no"));
    });
    await expect(failing).rejects.toThrow("no");
    expect([calls, waits]).toEqual([1, []]);
  });
});

test.each([
  [undefined, undefined],
  ["", undefined],
  ["soon", undefined],
  ["-1", undefined],
  ["0", 0],
  ["120", 120_000],
  ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
  ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
])("R2 a Retry-After of %j is %j ms", (header, expected) => {
  expect(parseRetryAfter(header, new Date("2026-01-01T00:00:00Z"))).toBe(expected);
});

describe("a challenge", () => {
  test.each([
    [
      'Bearer realm="https://auth.example/token",service="r"',
      { scheme: "bearer", realm: "https://auth.example/token", service: "r" },
    ],
    ['bearer REALM="https://a/t"', { scheme: "bearer", realm: "https://a/t" }],
    ['Basic realm="r"', { scheme: "basic" }],
    ['Bearer service="r"', undefined],
    ["Negotiate", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j", (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected);
  });

  test("R7 never names a token server without encryption, unless all is unencrypted", () => {
    const challenge = { scheme: "bearer", realm: "http://auth.example/token" } as const;
    expect(tokenServer(challenge, false)).toBeUndefined();
    expect(tokenServer(challenge, true)?.href).toBe("http://auth.example/token");
    for (const realm of ["file:///token", "token", "https://user:password@auth.example/"]) {
      expect(tokenServer({ ...challenge, realm }, true)).toBeUndefined();
    }
  });

  test.each(["", "{}", "[]", '{"token":1}', '{"token":""}', "null"])(
    "fails for the token answer %j",
    (body) => {
      expect(readToken(Buffer.from(body))).toBeUndefined();
    },
  );
});
