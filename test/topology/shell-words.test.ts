import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shellWords } from "../../lib/topology/shell-words";

describe("shellWords", () => {
  // As Python's shlex.split(line, comments=True) splits them.
  test.each([
    ["a b=c#d e", ["a", "b=c"]],
    ['a "b c"#x', ["a", "b c"]],
    ["a x='it''s' y=\\# z", ["a", "x=its", "y=#", "z"]],
    ['a "b\\n" "c\\"d" e\\ f', ["a", "b\\n", 'c"d', "e f"]],
    ["a '' b", ["a", "", "b"]],
    ['a k="v # w" # c', ["a", "k=v # w"]],
  ])("%s", (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });

  test.each([
    ["a 'b", "a quote is not closed"],
    ["a \\", "a backslash ends the line"],
  ])("fails for %s", (line, message) => {
    expect(() => shellWords(line)).toThrow(new SyntaxError(message));
  });

  test("words that are quoted come back whole", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const quoted = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`);
        expect(shellWords(quoted.join(" "))).toEqual(words);
      }),
    );
  });
});
