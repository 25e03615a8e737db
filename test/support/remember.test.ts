import { expect, test } from "vitest";
import { remember } from "../../lib/support/remember";

test("a text is read once, also one that comes to nothing", () => {
  const read: string[] = [];
  const length = remember((text) => {
    read.push(text);
    return text === "" ? undefined : text.length;
  });
  expect([length("abc"), length(""), length("abc"), length("")]).toEqual([
    3,
    undefined,
    3,
    undefined,
  ]);
  expect(read).toEqual(["abc", ""]);
});

test("what is thrown, what is long and what comes after a thousand others is not remembered", () => {
  let reads = 0;
  const read = remember((text) => {
    reads += 1;
    if (text === "bad") throw new RangeError(text);
    return text;
  });
  const twice = (text: string) => {
    reads = 0;
    for (let time = 0; time < 2; time += 1) expect(read(text)).toBe(text);
    return reads;
  };
  for (let time = 0; time < 2; time += 1) expect(() => read("bad")).toThrow(RangeError);
  expect(reads).toBe(2);
  expect(twice("x".repeat(101))).toBe(2);
  for (let index = 0; index < 1_000; index += 1) read(`text ${index}`);
  expect([twice("text 0"), twice("one more")]).toEqual([0, 2]);
});
