import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readPackConfig } from "../../policy-pack/pack-config";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "atom-pack-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const WAIVER = {
  rule: "P2-1",
  object: "Deployment tenant-acme/api",
  reason: "moves to the mirror in July",
  expires: "2026-06-15",
  owner: "platform@atom.example",
};

test("nothing configured trusts no key and lifts no rule", () => {
  expect(readPackConfig({})).toEqual({ graph: { trustedKeys: [] }, waivers: [] });
});

test("keys come as text and from files", () => {
  const path = join(folder, "cosign.pub");
  writeFileSync(path, "B");
  const config = { cluster: "eu", trustedKeys: ["A"], trustedKeyFiles: [path], waivers: [WAIVER] };
  expect(readPackConfig(config)).toEqual({
    graph: { cluster: "eu", trustedKeys: ["A", "B"] },
    waivers: [WAIVER],
  });
});

test("fails for a key's file that is not there, with how to make one", () => {
  const path = join(folder, "none.pub");
  expect(() => readPackConfig({ trustedKeyFiles: [path] })).toThrow(
    `trustedKeyFiles: the file '${path}' cannot be read; make a key pair with: cosign generate-key-pair`,
  );
});

test("a user's mistake has no stack: CrossGuard would print it", () => {
  const path = join(folder, "none.pub");
  for (const config of [{ trustedKeyFiles: [path] }, { waivers: [{ ...WAIVER, rule: "P9-1" }] }]) {
    const stack = stackOf(() => readPackConfig(config));
    expect(stack).toMatch(/^UsageError: Invalid /);
    expect(stack).not.toMatch(/^ +at /m);
  }
});

function stackOf(fail: () => unknown): string {
  try {
    fail();
  } catch (error) {
    return String((error as Error).stack);
  }
  return "it did not fail";
}

test("fails for a waiver that is none", () => {
  expect(() => readPackConfig({ waivers: [{ ...WAIVER, rule: "P9-1" }] })).toThrow(
    /unknown rule "P9-1"/,
  );
});
