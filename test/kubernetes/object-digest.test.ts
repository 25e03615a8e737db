import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { objectDigest } from "../../lib/kubernetes/object-digest";

const OBJECT = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "api", namespace: "tenant-acme", labels: { app: "api" } },
  data: { LEVEL: "info" },
};

describe("objectDigest", () => {
  test("is the same whatever the order of keys, and for what says nothing", () => {
    const { metadata, ...rest } = OBJECT;
    const turned = { ...rest, immutable: null, binaryData: undefined, metadata };
    expect(objectDigest(turned)).toBe(objectDigest(OBJECT));
  });

  test("leaves out what Pulumi's provider writes itself", () => {
    const { labels, ...metadata } = OBJECT.metadata;
    const applied = {
      ...OBJECT,
      metadata: {
        ...metadata,
        labels: { ...labels, "app.kubernetes.io/managed-by": "pulumi" },
        annotations: { "pulumi.com/patchFieldManager": "atom/stack" },
      },
    };
    expect(objectDigest(applied)).toBe(objectDigest(OBJECT));
  });

  test("is another one for any other value", () => {
    const text = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(text, text, (name, value) => {
        const changed = {
          ...OBJECT,
          data: Object.fromEntries([
            ["LEVEL", "info"],
            [name, value],
          ]),
        };
        const isSame = name === "LEVEL" && value === "info";
        expect(objectDigest(changed) === objectDigest(OBJECT)).toBe(isSame);
      }),
    );
  });

  test("fails for what JSON cannot hold", () => {
    expect(() => objectDigest({ ...OBJECT, data: Symbol("unknown") })).toThrow(TypeError);
  });
});
