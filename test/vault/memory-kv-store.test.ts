import { inspect } from "node:util";
import { expect, test } from "vitest";
import { SimulatedClock } from "../../lib/support/clock";
import { MemoryKvStore } from "../../lib/vault/memory-kv-store";
import { sealPayload } from "../../lib/vault/payload";
import { describeKvStore } from "./kv-conformance";

const start = new Date("2026-01-02T03:04:05Z");

describeKvStore("MemoryKvStore", () =>
  Promise.resolve(new MemoryKvStore(new SimulatedClock(start))),
);

test("takes its times from the clock", async () => {
  const clock = new SimulatedClock(start);
  const store = new MemoryKvStore(clock);
  await store.write("a", sealPayload({}));
  clock.advance(1000);
  await store.deleteVersions("a", [1]);
  expect([...(await store.readMetadata("a"))!.versions]).toEqual([
    [
      1,
      {
        state: "deleted",
        createdAt: "2026-01-02T03:04:05.000Z",
        deletedAt: "2026-01-02T03:04:06.000Z",
      },
    ],
  ]);
});

test("keeps as many versions as the mount or the secret says, whichever is more", async () => {
  const store = new MemoryKvStore(new SimulatedClock(start), { maxVersions: 4 });
  await store.writeMetadata("a", { maxVersions: 2 });
  for (let n = 0; n < 6; n += 1) await store.write("a", sealPayload({}));
  expect([...(await store.readMetadata("a"))!.versions.keys()]).toEqual([3, 4, 5, 6]);
});

test("shows no value when it is printed", async () => {
  const store = new MemoryKvStore(new SimulatedClock(start));
  await store.write("a", sealPayload({ password: "canary-c4n4ry" }));
  const printed = [store, await store.readVersion("a"), await store.readMetadata("a")]
    .map((value) => inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value))
    .join();
  expect(printed).not.toContain("canary");
});
