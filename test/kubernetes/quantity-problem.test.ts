import fc from "fast-check";
import { expect, test } from "vitest";

import { isQuantity, parseQuantity } from "../../lib/kubernetes/quantity";
import { QUANTITY } from "../../lib/kubernetes/quantity-problem";

test.each(["1", "100m", "0.5", "1.5Gi", "512Mi", "1e3", "2E2", "1E", "1n", "999999999999.999Ei"])(
  "an amount may be %s",
  (text) => {
    expect(QUANTITY.problem(text)).toBeUndefined();
  },
);

test.each([
  "",
  "1,5Gi",
  "1.",
  ".5",
  "+1",
  "-1",
  "1e-3",
  "1e+3",
  "1e100",
  "1.0001",
  "1234567890123",
  "1 Gi",
  "1gi",
  "1Gi\n",
  "\u0661",
])("fails as %j", (text) => {
  expect(QUANTITY.problem(text)).toMatch(
    /^"[ -~]*" is no quantity; write a number and a unit, such as 500m, 2 or 1\.5Gi$/,
  );
});

test.each(["0", "000", "0.000", "0m", "0e9", "0.0Gi"])("fails as %s, which is nothing", (text) => {
  expect(QUANTITY.problem(text)).toBe(`"${text}" is not above zero`);
});

test("an amount is a quantity above zero", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9]{1,14}(\.[0-9]{0,4})?[numkMGTPEeiK0-9]{0,3}$/), (text) => {
      if (QUANTITY.problem(text) !== undefined) return;
      expect([text, isQuantity(text), parseQuantity(text) > 0]).toEqual([text, true, true]);
    }),
    { numRuns: 2000 },
  );
});
