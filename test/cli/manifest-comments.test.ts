import fc from "fast-check";
import { expect, test } from "vitest";
import { withoutComments } from "../../lib/cli/manifest-comments";

const blanks = fc.stringMatching(/^([ \n]|\/\/[^\n]{0,9}\n|\/\*[^*]{0,9}\*\/){0,3}$/);

/** JSON with blanks and comments at every place where they may stand. */
function commented(value: unknown, next: () => string, last: string): string {
  const close = (bracket: string) => `${last}${next()}${bracket}`;
  if (Array.isArray(value) && value.length > 0) {
    const members = value.map((member) => next() + commented(member, next, last) + next());
    return `[${members.join(",")}${close("]")}`;
  }
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    const members = Object.entries(value).map(
      ([key, member]) =>
        `${next()}${JSON.stringify(key)}${next()}:${next()}${commented(member, next, last)}${next()}`,
    );
    return `{${members.join(",")}${close("}")}`;
  }
  return JSON.stringify(value);
}

test("what is left of JSON with comments and last commas is the JSON", () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.array(blanks, { minLength: 1 }),
      fc.boolean(),
      (value, some, isLast) => {
        let at = 0;
        const next = () => some[at++ % some.length]!;
        const text = next() + commented(value, next, isLast ? "," : "") + next();
        expect(JSON.parse(withoutComments(text))).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
  );
});

test("JSON stays as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value, null, 2);
      expect(withoutComments(text)).toBe(text);
    }),
  );
});
