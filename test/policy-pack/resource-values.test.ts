import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../lib/policy/reading/unknown";
import { resourceValues } from "../../policy-pack/resource-values";

// What CrossGuard itself wraps a resource's properties in; its type declarations leave it out.
const crossguard = createRequire(__filename)("@pulumi/policy/proxy") as {
  readonly unknownCheckingProxy: <T extends object>(value: T) => T;
  UnknownValueError: new () => Error;
  readonly [sentinel: `unknown${string}Value`]: string;
};
const { unknownCheckingProxy } = crossguard;

const SENTINELS = ["Boolean", "Number", "String", "Array", "Asset", "Archive", "Object"].map(
  (kind) => crossguard[`unknown${kind}Value`]!,
);

describe("resourceValues", () => {
  test("the proxies throw where an unknown value is read", () => {
    const props = unknownCheckingProxy({ image: SENTINELS[2] });
    expect(() => props.image).toThrow(crossguard.UnknownValueError);
  });

  test.each(SENTINELS)("S6 makes the sentinel %s unknown, wherever it stands", (sentinel) => {
    const props = { a: sentinel, b: { c: [1, { d: sentinel }, sentinel], e: "known" }, f: null };
    expect(resourceValues(unknownCheckingProxy(props))).toEqual({
      a: UNKNOWN,
      b: { c: [1, { d: UNKNOWN }, UNKNOWN], e: "known" },
      f: null,
    });
  });

  test("gives known values back as they are, plain", () => {
    const props = { text: "a", list: [[], [true]], nested: { zero: 0, none: null } };
    const values = resourceValues(unknownCheckingProxy(props));
    expect(values).toEqual(props);
    expect(structuredClone(values)).toEqual(props);
  });

  test("V9 keeps keys that JavaScript means something by", () => {
    const props = JSON.parse('{ "__proto__": { "x": 1 }, "constructor": "c", "": 2 }') as object;
    const values = resourceValues(unknownCheckingProxy(props));
    expect(Object.keys(values)).toEqual(["__proto__", "constructor", ""]);
    expect(JSON.stringify(values)).toBe(JSON.stringify(props));
  });
});
