import { expect, test } from "vitest";
import { parseJson } from "../../lib/support/parse-json";

test.each([
  ['{"a":[1]}', { a: [1] }],
  ["null", null],
  [Buffer.from('"ü"'), "ü"],
  ["", undefined],
  ["{", undefined],
])("%j is read as what it says, or as nothing", (text, value) => {
  expect(parseJson(text)).toEqual(value);
});
