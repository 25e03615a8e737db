import { describe, expect, test } from "vitest";

import {
  guardUnknown,
  holdsUnknown,
  UndecidedError,
  UNKNOWN,
} from "../../../lib/policy/reading/unknown";

function fieldThrown(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof UndecidedError) return error.field;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("guardUnknown", () => {
  const value = {
    spec: { replicas: UNKNOWN, containers: [{ image: "a" }, { image: UNKNOWN }] },
    metadata: { name: "x", labels: { "atom.cloud/tenant": UNKNOWN } },
  };

  test("gives a value without unknowns back as it is", () => {
    const known = { a: [1, { b: null }] };
    expect(guardUnknown(known)).toBe(known);
  });

  test("reads what is known", () => {
    const guarded = guardUnknown(value);
    expect(guarded.metadata.name).toBe("x");
    expect(guarded.spec.containers).toHaveLength(2);
    expect(guarded.spec.containers[0]).toEqual({ image: "a" });
    expect(Array.isArray(guarded.spec.containers)).toBe(true);
    expect(Object.keys(guarded.metadata.labels)).toEqual(["atom.cloud/tenant"]);
  });

  test.each<[string, (guarded: typeof value) => unknown]>([
    ["spec.replicas", ({ spec }) => spec.replicas],
    ["spec.containers[1].image", ({ spec }) => spec.containers.map(({ image }) => image)],
    ["spec.containers[1].image", ({ spec }) => spec.containers.some((c) => c.image === "b")],
    ["spec.containers[1].image", ({ spec }) => JSON.stringify(spec.containers)],
    ["spec.replicas", ({ spec }) => Object.entries(spec)],
    ["spec.replicas", ({ spec }) => ({ ...spec })],
    ['metadata.labels["atom.cloud/tenant"]', ({ metadata }) => Object.values(metadata.labels)],
  ])("S6 fails a read of %s", (field, read) => {
    expect(fieldThrown(() => read(guardUnknown(value)))).toBe(field);
  });

  test("S6 fails a read of a frozen object's unknown the same way", () => {
    const frozen = Object.freeze({ spec: Object.freeze({ a: UNKNOWN, b: Object.freeze([1]) }) });
    expect(guardUnknown(frozen).spec.b).toEqual([1]);
    expect(fieldThrown(() => guardUnknown(frozen).spec.a)).toBe("spec.a");
  });

  test("S6 fails at once where the whole is unknown", () => {
    expect(fieldThrown(() => guardUnknown(UNKNOWN))).toBe("");
  });
});

describe("holdsUnknown", () => {
  test("ends on a circular value and finds what is beside the circle", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(holdsUnknown(circle)).toBe(false);
    circle["list"] = [{ a: UNKNOWN }];
    expect(holdsUnknown(circle)).toBe(true);
  });

  test("S10 ends on 100,000 levels and on an alias bomb", () => {
    let deep: unknown = UNKNOWN;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(holdsUnknown(deep)).toBe(true);
    let bomb: unknown = "lol";
    for (let level = 0; level < 60; level += 1) bomb = [bomb, bomb];
    expect(holdsUnknown(bomb)).toBe(false);
  });
});
