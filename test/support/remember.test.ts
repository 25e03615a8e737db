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

test("what is thrown and what is long is not remembered, and after a thousand others it begins anew", () => {
  let reads = 0;
  const read = remember((text) => {
    reads += 1;
    if (text === "bad") throw new RangeError(text);
    return text;
  });
  const readsOf = (...texts: readonly string[]) => {
    reads = 0;
    for (const text of texts) expect(read(text)).toBe(text);
    return reads;
  };
  for (let time = 0; time < 2; time += 1) expect(() => read("bad")).toThrow(RangeError);
  expect(reads).toBe(2);
  expect(readsOf("x".repeat(101), "x".repeat(101))).toBe(2);
  for (let index = 0; index < 1_000; index += 1) read(`text ${index}`);
  expect(readsOf("text 0", "one more", "one more", "text 0", "text 0")).toBe(2);
});

test.each(["", "ä€😀", "\ud800", "a\u0000b"])("a text is read as it is: %j", (text) => {
  expect([remember((own) => own)(text), remember((own) => own.length)(text)]).toEqual([
    text,
    text.length,
  ]);
});
