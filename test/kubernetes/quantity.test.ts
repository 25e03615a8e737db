import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isQuantity, parseQuantity } from "../../lib/kubernetes/quantity";

describe("a quantity", () => {
  test.each<[string, number]>([
    ["0", 0],
    ["2", 2],
    ["500m", 0.5],
    ["9u", 0.000009],
    ["100n", 1e-7],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["16Gi", 16 * 2 ** 30],
    ["1k", 1000],
    ["1E", 1e18],
    ["1E3", 1000],
    ["1e3", 1000],
    ["1Ei", 2 ** 60],
    ["1.", 1],
    [".5", 0.5],
    ["-1", -1],
    ["+1Mi", 2 ** 20],
  ])("%s is %d", (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  test.each([
    "",
    "1 Gi",
    "1gi",
    "1K",
    "1mi",
    "Gi",
    ".",
    "1e",
    "1e3m",
    "0x10",
    "1_000",
    "1,5",
    "Infinity",
    "NaN",
    "1Gi\n",
    "9e999",
    "9".repeat(400),
  ])("fails on %.20j", (text) => {
    expect(isQuantity(text)).toBe(false);
    expect(() => parseQuantity(text)).toThrow(RangeError);
  });

  test("is the same number in every unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (number) => {
        expect(parseQuantity(`${number}000m`)).toBe(number);
        expect(parseQuantity(`${number}m`)).toBe(number / 1000);
        expect(parseQuantity(`${number}000000n`)).toBe(number / 1000);
        expect(parseQuantity(`${number}k`)).toBe(number * 1000);
        expect(parseQuantity(`${number}Ki`)).toBe(number * 1024);
      }),
    );
  });
});
