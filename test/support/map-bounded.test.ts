import { describe, expect, test } from "vitest";
import { mapBounded } from "../../lib/support/map-bounded";

describe("mapBounded", () => {
  test("gives results in the items' order, whatever order they end in", async () => {
    const release: (() => void)[] = [];
    const done = mapBounded([0, 1, 2], 3, async (item) => {
      await new Promise<void>((resolve) => (release[item] = resolve));
      return item * 10;
    });
    for (const item of [2, 0, 1]) release[item]?.();
    expect(await done).toEqual([0, 10, 20]);
  });

  test("keeps at most the allowed number under way", async () => {
    let running = 0;
    let most = 0;
    await mapBounded(Array.from({ length: 20 }), 3, async () => {
      most = Math.max(most, (running += 1));
      await Promise.resolve();
      running -= 1;
    });
    expect(most).toBe(3);
  });

  test("fails with the first error, and starts nothing after it", async () => {
    const started: number[] = [];
    const failing = mapBounded([0, 1, 2, 3], 1, async (item) => {
      started.push(item);
      await Promise.resolve();
      if (item === 1) throw new Error("item 1");
    });
    await expect(failing).rejects.toThrow("item 1");
    expect(started).toEqual([0, 1]);
  });
});
