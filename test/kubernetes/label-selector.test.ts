import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseLabelSelector, selects } from "../../lib/kubernetes/label-selector";
import type { LabelSelector } from "../../lib/kubernetes/label-selector";

const key = fc.constantFrom("app", "team", "constructor", "atom.cloud/tenant");
const value = fc.constantFrom("", "a", "b", "c");
const labels = fc.dictionary(key, value);
const expression = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.array(value, { minLength: 1 }),
  }),
  fc.record({ key, operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const) }),
);

describe("parseLabelSelector", () => {
  test("reads both halves of a selector", () => {
    const selector = {
      matchLabels: { app: "api" },
      matchExpressions: [
        { key: "team", operator: "NotIn", values: ["a", "b"] },
        { key: "x.example/y", operator: "Exists" },
      ],
    };
    expect(parseLabelSelector(selector)).toEqual([
      { key: "app", operator: "In", values: ["api"] },
      { key: "team", operator: "NotIn", values: ["a", "b"] },
      { key: "x.example/y", operator: "Exists" },
    ]);
  });

  test("reads null halves as missing", () => {
    expect(parseLabelSelector({ matchLabels: null, matchExpressions: null })).toEqual([]);
  });

  test.each([
    [null, "selector is no object"],
    ["app=api", "selector is no object"],
    [[], "selector is no object"],
    [{ matchlabels: {} }, 'selector has no field "matchlabels"'],
    [{ matchLabels: "x" }, "matchLabels is no object"],
    [{ matchLabels: { app: 1 } }, "a label's value is no text"],
    [{ matchExpressions: {} }, "matchExpressions is no list"],
    [{ matchExpressions: [null] }, "expression is no object"],
    [{ matchExpressions: [{ operator: "Exists" }] }, "a label's key is no text"],
    [
      { matchExpressions: [{ key: "a", operator: "In" }] },
      "In has no values; give it at least one",
    ],
    [{ matchExpressions: [{ key: "a", operator: "In", values: "b" }] }, "values is no list"],
    [
      { matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] },
      "Exists has values; it takes none",
    ],
    [
      { matchExpressions: [{ key: "a", operator: "in", values: ["b"] }] },
      'operator is "in"; use In, NotIn, Exists or DoesNotExist',
    ],
    [
      { matchExpressions: [{ key: "a" }] },
      "operator is missing; use In, NotIn, Exists or DoesNotExist",
    ],
  ])("fails for %j", (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(new RangeError(message));
  });
});

describe("selects", () => {
  test.each<[unknown, Record<string, string>, boolean]>([
    [{}, {}, true],
    [{ matchLabels: { app: "a" } }, { app: "a", team: "b" }, true],
    [{ matchLabels: { app: "a" } }, { app: "b" }, false],
    [{ matchLabels: { app: "a" } }, {}, false],
    [{ matchLabels: { app: "" } }, {}, false],
    [{ matchExpressions: [{ key: "app", operator: "NotIn", values: ["a"] }] }, {}, true],
    [{ matchExpressions: [{ key: "app", operator: "NotIn", values: ["a"] }] }, { app: "a" }, false],
    [{ matchExpressions: [{ key: "constructor", operator: "Exists" }] }, {}, false],
    [{ matchExpressions: [{ key: "toString", operator: "DoesNotExist" }] }, {}, true],
    [
      { matchLabels: { app: "a" }, matchExpressions: [{ key: "b", operator: "Exists" }] },
      { app: "a" },
      false,
    ],
  ])("%j on %j is %s", (selector, bearer, expected) => {
    expect(selects(parseLabelSelector(selector), bearer)).toBe(expected);
  });

  test("is true of exactly those for which each condition is true", () => {
    const property = fc.property(fc.array(expression), labels, (matchExpressions, bearer) => {
      const whole = selects(parseLabelSelector({ matchExpressions }), bearer);
      const parts = matchExpressions.map((one) => selects([one] as LabelSelector, bearer));
      expect(whole).toBe(parts.every(Boolean));
    });
    fc.assert(property);
  });

  test("takes each operator for the opposite of its negation", () => {
    const property = fc.property(
      key,
      fc.array(value, { minLength: 1 }),
      labels,
      (k, values, on) => {
        const is = (requirement: LabelSelector[number]) => selects([requirement], on);
        expect(is({ key: k, operator: "NotIn", values })).toBe(
          !is({ key: k, operator: "In", values }),
        );
        expect(is({ key: k, operator: "DoesNotExist" })).toBe(!is({ key: k, operator: "Exists" }));
      },
    );
    fc.assert(property);
  });
});
