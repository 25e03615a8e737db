import fc from "fast-check";
import { expect, test } from "vitest";
import { exactMinor, fits, parseVersion, sameMajorFrom } from "../engine/toolchain/tool-version";

const NUMBER = fc.nat({ max: 400 });

test("a version is read with or without a v, and without what follows its numbers", () => {
  fc.assert(
    fc.property(NUMBER, NUMBER, NUMBER, (major, minor, patch) => {
      const version = { major, minor, patch };
      const text = `${major}.${minor}.${patch}`;
      expect(parseVersion(text)).toEqual(version);
      expect(parseVersion(`v${text}`)).toEqual(version);
      expect(parseVersion(`${text}-dispatcher`)).toEqual(version);
      expect(parseVersion(`${text}+g0123abc`)).toEqual(version);
      expect(parseVersion(`${major}.${minor}`)).toEqual({ ...version, patch: 0 });
    }),
  );
});

test.each(["", "v", "1", "v0", "1.", "one.two", "release 1.2.3", "1.2.3.4", "1..2"])(
  "'%s' is no version",
  (text) => expect(parseVersion(text)).toBeUndefined(),
);

test.each([
  ["the pinned version fits", "3.6.5", true],
  ["an older patch of the pinned minor fits", "3.6.0", true],
  ["a later minor fits", "3.17.0", true],
  ["an earlier minor does not fit", "3.5.9", false],
  ["a later major does not fit", "4.6.5", false],
  ["an earlier major does not fit", "2.9.9", false],
])("of a part with no range of its own, %s", (_, version, expected) => {
  expect(fits(parseVersion(version)!, sameMajorFrom("3.6.5"))).toBe(expected);
});

test.each([
  ["1.34.9", false],
  ["1.35.0", true],
  ["1.35.7", true],
  ["1.36.0", false],
  ["2.35.0", false],
])("against exactly 1.35, whether %s fits is %s", (version, expected) => {
  expect(fits(parseVersion(version)!, exactMinor("1.35"))).toBe(expected);
});
