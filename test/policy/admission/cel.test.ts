import { expect, test } from "vitest";
import { faultEach, literal, pattern } from "../../../lib/policy/admission/cel";
import { resourceOf } from "../../../lib/policy/admission/resource-of";

test("texts, lists and sets are written with escapes", () => {
  expect([literal('a "b"\n'), literal(new Set(["x", "y"]))]).toEqual([
    '"a \\"b\\"\\n"',
    '["x","y"]',
  ]);
});

test("a pattern is a raw text, and fails with a quote that would end it", () => {
  expect([pattern(/^a\.b$/), pattern(/x/i)]).toEqual(['r"^a\\.b$"', 'r"(?i)x"']);
  expect(() => pattern(/"/)).toThrow(RangeError);
});

test("a fault for each element names it", () => {
  const said = { when: `c.a`, where: `c.name`, says: "is bad" };
  expect(faultEach("list", "c", said)).toBe('list.filter(c, c.a).map(c, c.name + ": is bad")');
});

test.each([
  ["NetworkPolicy", "networkpolicies"],
  ["Ingress", "ingresses"],
  ["Gateway", "gateways"],
  ["HTTPRoute", "httproutes"],
])("the resource of %s is %s", (kind, resource) => {
  expect(resourceOf(kind)).toBe(resource);
});
