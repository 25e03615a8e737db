import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseVaultPolicy } from "../../../lib/policy/vault/vault-policy";

const WORDS = ["create", "read", "update", "delete", "list", "patch", "sudo"];

describe("a Vault policy", () => {
  test("is read with comments, limits, commas and the words of old", () => {
    const policy = `
      # a comment with a "quote" and {
      name = "acme" // another
      path "/atom/data/a/*" { capabilities = ["read", "list",] }
      path "b" { /* path "c" { */ policy = "read", min_wrapping_ttl = "1s" }
      "path" "d" {
        capabilities = ["update"]
        allowed_parameters = { "ttl" = [], "n" = [1, -2.5, true] "*" = [] }
        control_group { factor "x" { identity { group_names = ["y"] } } }
      }`;
    expect(parseVaultPolicy(policy)).toEqual([
      { path: "atom/data/a/*", capabilities: ["read", "list"] },
      { path: "b", capabilities: ["read", "list"] },
      { path: "d", capabilities: ["update"] },
    ]);
  });

  test("that denies grants nothing, whatever else it says", () => {
    expect(parseVaultPolicy('path "a" { capabilities = ["sudo", "deny"] }')).toEqual([
      { path: "a", capabilities: [] },
    ]);
    expect(parseVaultPolicy("")).toEqual([]);
  });

  test("comes back as it was written", () => {
    const rule = fc.record({
      path: fc.stringMatching(/^[a-z0-9_+*{} ./-]{1,40}$/).filter((path) => !path.startsWith("/")),
      capabilities: fc.uniqueArray(fc.constantFrom(...WORDS)),
    });
    const space = fc.constantFrom(" ", "\n", "\t", " # x\n", "/* } */", "// {\r\n");
    fc.assert(
      fc.property(fc.array(rule), space, (rules, gap) => {
        const text = rules.map(({ path, capabilities }) =>
          ["path", `"${path}"`, "{", "capabilities", "=", JSON.stringify(capabilities), "}"].join(
            gap,
          ),
        );
        expect(parseVaultPolicy(text.join(gap))).toEqual(rules);
      }),
    );
  });

  test("is read or refused in good time, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'path "a"{}[],=#/*\n\\$') }), (text) => {
        try {
          parseVaultPolicy(text);
        } catch (error) {
          expect((error as Error).name).toBe("MalformedError");
        }
      }),
    );
  });

  test.each([
    ["{", "is no HCL: a key is missing in line 1"],
    ['{"path": {}}', "is no HCL: a key is missing in line 1"],
    ['path "a"', "is no HCL: a key is missing in line 1"],
    ['path "a" {\n', "is no HCL: a key is missing in line 2"],
    ['path "a" { capabilities = ["read" "list"] }', "is no HCL: ',' or ']' is missing in line 1"],
    ['path "a" { capabilities = <<X\nX\n }', "is no HCL: a value is missing in line 1"],
    ['path "a\n" {}', "is no HCL: a string is missing in line 1"],
    ['path "a\\"b" {}', "holds an escape or ${} in line 1"],
    ['path "a${b}" {}', "holds an escape or ${} in line 1"],
    ['path "a" "b" {}', 'has "path", which Vault does not take like that'],
    ['Path "a" {}', 'has "Path", which Vault does not take like that'],
    ['path = "a"', 'has "path", which Vault does not take like that'],
    ['path "a" { Policy = "deny" }', 'has "Policy", which Vault does not take like that'],
    ['path "a" { policy = "all" }', 'has "policy", which Vault does not take like that'],
    [
      'path "a" { capabilities = ["READ"] }',
      'has "capabilities", which Vault does not take like that',
    ],
    ["x = " + "[".repeat(100_000), "is more than 16 levels deep"],
    ["#".repeat(1_000_001), "has more than 1000000 characters"],
  ])("fails for %j", (text, message) => {
    expect(() => parseVaultPolicy(text)).toThrow(
      expect.objectContaining({ name: "MalformedError", field: ".policy", message }),
    );
  });
});
