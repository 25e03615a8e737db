import fc from "fast-check";
import { expect, test } from "vitest";
import { escapePattern } from "../../lib/support/escape-pattern";

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom(..."\\^$.*+?()[]{}|/-,:=!<>ab1".split("")) }),
);

test("a text's pattern matches that text and no other", () => {
  fc.assert(
    fc.property(text, text, (one, other) => {
      for (const flags of ["", "u"]) {
        const pattern = new RegExp(`^(${escapePattern(one)})$`, flags);
        expect([pattern.test(one), pattern.test(other)]).toEqual([true, one === other]);
      }
    }),
  );
});
