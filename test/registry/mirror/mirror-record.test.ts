import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyMirror } from "../../../lib/registry/mirror/apply";
import { MirrorRecord } from "../../../lib/registry/mirror/mirror-record";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import type { MirrorPlan } from "../../../lib/registry/mirror/plan";
import { generateSigningKey } from "../../../lib/signing/key";
import { SimulatedClock } from "../../../lib/support/clock";
import { RegistryDouble } from "../../doubles/registry-double";
import { tempFolder } from "../../doubles/temp-folder";
import { clientFor, planFor, seedImages, TARGET } from "../helpers";

const key = generateSigningKey();
const clock = new SimulatedClock(new Date("2026-01-01T00:00:00Z"));

let source: OciLayout;
let registry: RegistryDouble;
let plan: MirrorPlan;

beforeEach(async () => {
  source = new OciLayout(join(tempFolder(), "source"));
  registry = await new RegistryDouble().start();
  await seedImages(source, "api", "worker");
  plan = await planFor(source, "api", "worker");
});
afterEach(() => registry.close());

async function mirror(changes: Partial<Parameters<typeof applyMirror>[1]> = {}) {
  const { client: target } = clientFor(registry);
  return applyMirror(plan, { sourceOf: () => source, target, key, clock, ...changes });
}

/** Requests of a run that has the record of another. */
async function requestsWith(changes: Parameters<typeof mirror>[0] & { target?: never }) {
  const { state, signatures } = await mirror();
  const record = new MirrorRecord(TARGET, state, signatures);
  registry.seen.splice(0);
  const result = await mirror({ record, ...changes });
  return { result, first: { state, signatures }, seen: registry.seen };
}

describe("an image on record as whole and signed", () => {
  test("costs one request, and stays on record as it was", async () => {
    const { result, first, seen } = await requestsWith({});
    expect(seen.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      "HEAD /v2/atom/api/manifests/7.2.0",
      "HEAD /v2/atom/worker/manifests/7.2.0",
    ]);
    expect(result.signatures).toEqual(first.signatures);
    expect(result.state.images).toEqual(
      first.state.images.map((image) => ({ ...image, outcome: "present" })),
    );
  });

  test("is read again where that is asked for", async () => {
    const { seen } = await requestsWith({ full: true });
    expect(seen.length).toBeGreaterThan(10);
  });

  test("is signed anew by another key", async () => {
    const other = generateSigningKey();
    const { result } = await requestsWith({ key: other });
    expect(result.signatures.map(({ keyId }) => keyId)).toEqual([other.keyId, other.keyId]);
  });

  test("is copied again if its tag is gone or stands for something else", async () => {
    const { state, signatures } = await mirror();
    const record = new MirrorRecord(TARGET, state, signatures);
    const [api, worker] = plan.images;
    registry.tags.delete("atom/api:7.2.0");
    registry.tags.set("atom/worker:7.2.0", api!.digest);
    registry.manifests.set(
      `atom/worker@${api!.digest}`,
      registry.manifests.get(`atom/api@${api!.digest}`)!,
    );
    const again = await mirror({ record });
    expect(again.state.images.map(({ outcome }) => outcome)).toEqual(["copied", "copied"]);
    expect([registry.tags.get("atom/api:7.2.0"), registry.tags.get("atom/worker:7.2.0")]).toEqual([
      api!.digest,
      worker!.digest,
    ]);
  });
});

test("a record of another target, or one whose signature was altered, counts for nothing", async () => {
  const { state, signatures } = await mirror();
  const [api] = plan.images;
  const whole = new MirrorRecord(TARGET, state, signatures);
  expect(whole.findWhole(api!, key)).toEqual({ image: state.images[0], signature: signatures[0] });
  expect(new MirrorRecord("other.example", state, signatures).findWhole(api!, key)).toBeUndefined();
  const altered = signatures.map((each) => ({ ...each, signature: signatures[1]!.signature }));
  expect(new MirrorRecord(TARGET, state, altered).findWhole(api!, key)).toBeUndefined();
  expect(new MirrorRecord(TARGET, undefined, []).findWhole(api!, key)).toBeUndefined();
});
