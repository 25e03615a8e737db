import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { readMatchingTags, selectTags } from "../../../lib/registry/mirror/tag-pattern";

describe("selectTags", () => {
  test.each<[string, string[], string[]]>([
    ["7.*", ["7.9.0", "7.10.0", "7.2.1", "6.9.9", "17.0.0"], ["7.10.0", "7.9.0", "7.2.1"]],
    ["v7.*", ["v7.2.0", "7.3.0", "v7.10.1"], ["v7.10.1", "v7.2.0"]],
    // A floating tag stands for a version that is there under its own.
    ["7.*", ["7.2", "7.2.1", "7.x", "7.2.0"], ["7.2.1", "7.2.0"]],
    ["7.*", ["7.3.0-rc.1", "7.2.0", "7.3.0-alpine"], ["7.2.0"]],
    ["7.*-rc.*", ["7.3.0-rc.1", "7.3.0-rc.10", "7.3.0", "7.3.0-rc.9"], rc("10", "9", "1")],
    ["7.*-alpine", ["7.3.0-alpine", "7.10.0-alpine", "7.4.0"], ["7.10.0-alpine", "7.3.0-alpine"]],
    // Helm writes 1.0.0+2 so.
    ["1.*", ["1.0.0_2", "1.0.0_10", "1.0.1"], ["1.0.1", "1.0.0_10", "1.0.0_2"]],
    ["build-*", ["build-9", "build-10", "build-2"], ["build-10", "build-9", "build-2"]],
    ["2025-??-*", ["2025-11-03", "2025-10-31", "2024-12-01"], ["2025-11-03", "2025-10-31"]],
    ["*", [`sha256-${"a".repeat(64)}.sig`, `sha256-${"a".repeat(64)}`, "latest"], ["latest"]],
    ["7.*", ["8.0.0"], []],
    ["7.*", ["7.3.0-rc.1"], []],
  ])("%s of %j is %j", (match, tags, selected) => {
    expect(selectTags(tags, { match, newest: 10 })).toEqual(selected);
    expect(selectTags([...tags].reverse(), { match, newest: 2 })).toEqual(selected.slice(0, 2));
  });

  const letters = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 8 });

  test("matches what a regular expression would", () => {
    fc.assert(
      fc.property(pattern, letters, (match, tag) => {
        const expression = match.replace(/\./g, "\\.").replace(/\?/g, ".").replace(/\*/g, ".*");
        const wanted = new RegExp(`^${expression}$`).test(tag);
        expect(selectTags([tag], { match, newest: 1 }).length === 1).toBe(wanted);
      }),
      { numRuns: 1000 },
    );
  });

  test("takes no time for a pattern made to take long", () => {
    const match = `${"*a".repeat(63)}b`;
    const begin = performance.now();
    expect(selectTags(["a".repeat(128)], { match, newest: 1 })).toEqual([]);
    expect(performance.now() - begin).toBeLessThan(100);
  });
});

test("fails for a repository of more tags than anyone wants to look at", async () => {
  const endless = {
    listTags: async function* () {
      for (let number = 0; ; number += 1) yield await Promise.resolve(`7.${number}.0`);
    },
  } as unknown as RegistryClient;
  await expect(readMatchingTags(endless, "a/b", { match: "7.*", newest: 1 })).rejects.toThrow(
    "a/b has more than 100000 tags",
  );
});

function rc(...numbers: string[]): string[] {
  return numbers.map((number) => `7.3.0-rc.${number}`);
}
