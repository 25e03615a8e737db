import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goDurationSeconds } from "../../../lib/policy/releases/go-duration";

describe("goDurationSeconds", () => {
  test.each([
    ["5m", 300],
    ["1h30m", 5_400],
    ["1.5s", 1.5],
    ["250ms", 0.25],
    ["0s", 0],
  ])("reads %s as %d s", (text, seconds) => {
    expect(goDurationSeconds(text)).toBeCloseTo(seconds, 9);
  });

  test.each([
    "",
    "5",
    "m",
    "-5m",
    "5 m",
    "5m ",
    "5d",
    "1m5",
    "1e3s",
    5,
    null,
    undefined,
    {},
    ["5m"],
  ])("reads nothing from %j", (value) => {
    expect(goDurationSeconds(value)).toBeUndefined();
  });

  test("adds up what time.Duration prints", () => {
    const parts = fc.tuple(fc.nat(10_000), fc.nat(59), fc.nat(59));
    fc.assert(
      fc.property(parts, ([hours, minutes, seconds]) => {
        const expected = hours * 3_600 + minutes * 60 + seconds;
        expect(goDurationSeconds(`${hours}h${minutes}m${seconds}s`)).toBe(expected);
      }),
    );
  });

  test("does not take long over a hostile text", () => {
    const start = performance.now();
    expect(goDurationSeconds("1".repeat(1_000_000) + "x")).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(100);
  });
});
