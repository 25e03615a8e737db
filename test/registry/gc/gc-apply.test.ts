import { beforeEach, describe, expect, test } from "vitest";
import { cosignTag } from "../../../lib/registry/signature/cosign-tag";
import { applyGc } from "../../../lib/registry/gc/gc-apply";
import type { GcDeletion } from "../../../lib/registry/gc/gc-plan";
import { buildMultiPlatformImage } from "../../../lib/registry/image-builder";
import { readImageTree } from "../../../lib/registry/image-tree";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { referrersTag } from "../../../lib/registry/referrers-tag";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { RegistryError } from "../../../lib/registry/registry-error";
import { MirroredTags, REPOSITORY, used } from "./mirrored-tags";

let tags: MirroredTags;

beforeEach(() => {
  tags = new MirroredTags();
});

const idle = () => new AbortController().signal;

describe("applyGc", () => {
  async function collect(uses: ReturnType<typeof used>, client: RegistryClient = tags.target) {
    const now = await tags.look(uses, client);
    const deleted: GcDeletion[] = [];
    await applyGc(now.plan, {
      client,
      now,
      signal: idle(),
      onDeleted: (deletion) => deleted.push(deletion),
    });
    return { plan: now.plan, deleted };
  }

  test("deletes exactly the plan, and what is used stays whole", async () => {
    const [old, current] = [await tags.mirror("7.1.0"), await tags.mirror("7.2.0")];
    const { plan, deleted } = await collect(used(current));
    expect(deleted).toEqual(plan.deletions);
    for (const { digest } of plan.deletions) {
      expect(await tags.target.getManifest(REPOSITORY, digest)).toBeUndefined();
    }
    await tags.expectWhole(current);
    expect((await tags.tags()).sort()).toEqual(
      ["7.2.0", cosignTag(current), referrersTag(current)].sort(),
    );
    expect(await tags.target.headManifest(REPOSITORY, old)).toBeUndefined();
    expect((await tags.look(used(current))).plan.deletions).toEqual([]);
  });

  test("is finished by the next run, wherever it is cut off", async () => {
    const current = await tags.mirror("7.2.0");
    for (let cut = 0; ; cut += 1) {
      const old = await buildMultiPlatformImage(tags.target, {
        repository: REPOSITORY,
        tag: "7.1.0",
        platforms: ["linux/amd64"],
        files: {},
      });
      await tags.refer(old.digest, "attestation");
      const now = await tags.look(used(current));
      const interruption = new AbortController();
      let deleted = 0;
      if (cut === 0) interruption.abort(new Error("cut off"));
      const run = applyGc(now.plan, {
        client: tags.target,
        now,
        signal: interruption.signal,
        onDeleted: () => {
          deleted += 1;
          if (deleted === cut) interruption.abort(new Error("cut off"));
        },
      });
      if (cut >= now.plan.deletions.length) {
        await run;
        break;
      }
      await expect(run).rejects.toThrow("cut off");
      expect(deleted).toBe(cut);
      await tags.expectWhole(current);
      // Nothing that has a tag lacks anything.
      for (const tag of await tags.tags()) await readImageTree(tags.target, REPOSITORY, tag);
      await collect(used(current));
      expect(await tags.tags()).toHaveLength(3);
    }
    await tags.expectWhole(current);
  });

  test.each<[string, (deletion: GcDeletion) => Promise<unknown>, RegExp]>([
    [
      "moves",
      () => tags.mirror("7.1.0-again").then(() => tags.retag("7.1.0-again", "7.1.0")),
      /7\.1\.0.* was sha256:|was not there/,
    ],
    ["appears", () => tags.retag("7.1.0", "new"), /atom\/api:new was not there and is sha256:/],
    ["vanishes", () => tags.dropTag("7.2.0"), /atom\/api:7\.2\.0 was sha256:.* and is gone/],
  ])(
    "stops before it deletes anything when a tag %s after the plan",
    async (_, change, message) => {
      await tags.mirror("7.1.0");
      const current = await tags.mirror("7.2.0");
      const now = await tags.look(used(current));
      await change(now.plan.deletions[0]!);
      const before = await tags.tags();
      await expect(
        applyGc(now.plan, {
          client: tags.target,
          now,
          signal: idle(),
          onDeleted: () => expect.unreachable(),
        }),
      ).rejects.toThrow(message);
      expect(await tags.tags()).toEqual(before);
    },
  );

  test("stops in the middle when a tag appears", async () => {
    await tags.mirror("7.1.0");
    const current = await tags.mirror("7.2.0");
    const now = await tags.look(used(current));
    const deleted: GcDeletion[] = [];
    const signal = idle();
    const watching = new OciLayout(tags.target.folder);
    watching.deleteManifest = async (repository, digest) => {
      if (deleted.length === 1) await tags.retag("7.2.0", "new");
      return tags.target.deleteManifest(repository, digest);
    };
    const onDeleted = (deletion: GcDeletion) => void deleted.push(deletion);
    await expect(applyGc(now.plan, { client: watching, now, signal, onDeleted })).rejects.toThrow(
      "atom/api:new was not there",
    );
    expect(deleted).toEqual(now.plan.deletions.slice(0, 2));
    await tags.expectWhole(current);
  });

  test("fails for a plan of which something is used by now, and deletes nothing", async () => {
    const [old, current] = [await tags.mirror("7.1.0"), await tags.mirror("7.2.0")];
    const { plan } = await tags.look(used(current));
    const now = await tags.look(used(current, old));
    await expect(
      applyGc(plan, { client: tags.target, now, signal: idle(), onDeleted: () => undefined }),
    ).rejects.toThrow(
      `atom/api@${old}: is used by now, is gone, or has other tags than when the plan was made; ` +
        "plan anew with: atom mirror gc",
    );
    await tags.expectWhole(old);
  });

  test("deletes only what a given plan says, if more could go", async () => {
    const [old, current] = [await tags.mirror("7.1.0"), await tags.mirror("7.2.0")];
    const now = await tags.look(used());
    const { plan } = await tags.look(used(current));
    await applyGc(plan, { client: tags.target, now, signal: idle(), onDeleted: () => undefined });
    await tags.expectWhole(current);
    expect(await tags.target.headManifest(REPOSITORY, old)).toBeUndefined();
  });

  test("fails for a registry that allows no deletes", async () => {
    await tags.mirror("7.1.0");
    const locked = new OciLayout(tags.target.folder);
    locked.deleteManifest = () => {
      throw new RegistryError("refused", "the registry allows no deletes");
    };
    await expect(collect(used(), locked)).rejects.toThrow("the registry allows no deletes");
  });
});
