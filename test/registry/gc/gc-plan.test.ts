import { beforeEach, describe, expect, test } from "vitest";
import { cosignTag } from "../../../lib/registry/signature/cosign-tag";
import { buildImage } from "../../../lib/registry/image-builder";
import { OCI_INDEX, OCI_MANIFEST } from "../../../lib/registry/media-types";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { referrersTag } from "../../../lib/registry/referrers-tag";
import { RegistryError } from "../../../lib/registry/registry-error";
import { usedReferences } from "../../../lib/registry/gc/used-references";
import { sha256 } from "../../../lib/support/digest";
import type { Digest } from "../../../lib/support/digest";
import { TARGET } from "../helpers";
import { MirroredTags, REPOSITORY, used } from "./mirrored-tags";

let tags: MirroredTags;

beforeEach(() => {
  tags = new MirroredTags();
});

describe("planGc", () => {
  test("finds an old tag with its children and all that is attached, in the order it goes", async () => {
    const [old, current] = [await tags.mirror("7.1.0"), await tags.mirror("7.2.0")];
    const attestation = await tags.refer(old, "attestation");
    const note = await tags.refer(attestation, "note");
    const children = await tags.childrenOf(old);
    const bundles = (await tags.target.listReferrers(REPOSITORY, old)).map(({ digest }) => digest);
    const { plan } = await tags.look(used(current));
    const [first, ...rest] = plan.deletions;
    expect(first).toEqual({
      repository: REPOSITORY,
      digest: old,
      tags: ["7.1.0"],
      reason: "nothing names it",
      bytes: expect.any(Number) as number,
    });
    const tagged = rest.filter(({ tags }) => tags.length > 0);
    expect(tagged.flatMap(({ tags }) => tags).sort()).toEqual(
      [cosignTag(old), referrersTag(old), referrersTag(attestation)].sort(),
    );
    expect(rest.slice(0, tagged.length)).toEqual(tagged);
    const untagged = rest.slice(tagged.length);
    expect(new Set(untagged.map(({ digest }) => digest))).toEqual(
      new Set([...children, ...bundles, note]),
    );
    const reasons = new Map(untagged.map(({ digest, reason }) => [digest, reason]));
    expect(reasons.get(children[0]!)).toBe(`part of ${old}`);
    expect(reasons.get(attestation)).toBe(`attached to ${old}`);
    expect(reasons.get(note)).toBe(`attached to ${attestation}`);
  });

  test("finds nothing where everything is used", async () => {
    const [old, current] = [await tags.mirror("7.1.0"), await tags.mirror("7.2.0")];
    expect((await tags.look(used(old, current))).plan).toEqual({ target: TARGET, deletions: [] });
  });

  test.each<[string, (old: Digest) => Promise<string> | string]>([
    ["its digest is named", (old) => `anything ${old} anything`],
    ["its tag is named", () => `image: ${TARGET}/${REPOSITORY}:7.1.0`],
    ["one of its platforms is named", async (old) => (await tags.childrenOf(old))[1]!],
  ])("keeps an image of which %s", async (_, name) => {
    const [old, current] = [await tags.mirror("7.1.0"), await tags.mirror("7.2.0")];
    expect((await tags.look(used(current, await name(old)))).plan.deletions).toEqual([]);
  });

  test("keeps whatever a tag of the plan stands for", async () => {
    await tags.mirror("7.2.0");
    const { plan } = await tags.look(used(sha256("another"), `${TARGET}/${REPOSITORY}:7.2.0`));
    expect(plan.deletions).toEqual([]);
  });

  test("does not take a tag at another registry for ours", async () => {
    await tags.mirror("7.2.0");
    const other = used(`${TARGET}0/${REPOSITORY}:7.2.0`, `x${TARGET}/${REPOSITORY}:7.2.0`);
    expect((await tags.look(other)).plan.deletions).not.toEqual([]);
  });

  test("keeps what an index that is used shares with one that is not", async () => {
    const old = await tags.mirror("7.1.0");
    const [child, other] = await tags.childrenOf(old);
    const stored = (await tags.target.getManifest(REPOSITORY, child!))!;
    const descriptor = { mediaType: OCI_MANIFEST, digest: child, size: stored.bytes.length };
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [descriptor] }),
    );
    // Without a tag, as an image is that is only named by digest.
    const kept = await tags.target.putManifest(REPOSITORY, sha256(bytes), OCI_INDEX, bytes);
    const { plan } = await tags.look(used(kept));
    const gone = plan.deletions.map(({ digest }) => digest);
    expect(gone).toContain(old);
    expect(gone).toContain(other);
    expect(gone).not.toContain(child);
    expect(gone).not.toContain(kept);
  });

  test("counts a blob that stays for nothing, and one that goes once", async () => {
    const image = { repository: REPOSITORY, platform: "linux/amd64" };
    const shared = { shared: "x".repeat(5000) };
    const [a, b, c] = [
      await buildImage(tags.target, { ...image, tag: "a", files: shared, config: { User: "a" } }),
      await buildImage(tags.target, { ...image, tag: "b", files: shared, config: { User: "b" } }),
      await buildImage(tags.target, { ...image, tag: "c", files: shared, config: { User: "c" } }),
    ];
    const bytesOf = async (...names: Digest[]) =>
      (await tags.look(used(...names))).plan.deletions.map(({ bytes }) => bytes > 5000);
    expect(await bytesOf(a.digest)).toEqual([false, false]);
    expect(await bytesOf()).toEqual([true, false, false]);
    expect(await bytesOf(a.digest, b.digest, c.digest)).toEqual([]);
  });

  test("finds the signature of an image that is gone", async () => {
    const old = await tags.mirror("7.1.0");
    await tags.target.deleteManifest(REPOSITORY, old);
    const { plan } = await tags.look(used());
    expect(plan.deletions.map(({ tags, reason }) => [tags, reason]).slice(0, 2)).toEqual([
      [[referrersTag(old)], `attached to ${old}`],
      [[cosignTag(old)], `attached to ${old}`],
    ]);
  });

  test("gives one deletion to an image with several tags, and none if one of them is used", async () => {
    const image = { repository: REPOSITORY, platform: "linux/amd64", files: {} };
    await buildImage(tags.target, { ...image, tag: "latest" });
    await buildImage(tags.target, { ...image, tag: "7.1.0" });
    expect((await tags.look(used())).plan.deletions).toMatchObject([{ tags: ["7.1.0", "latest"] }]);
    const { plan } = await tags.look(used(`${TARGET}/${REPOSITORY}:latest`));
    expect(plan.deletions).toEqual([]);
  });

  test("looks at no repository but those it is given", async () => {
    const asked = new Set<string>();
    const spy = new Proxy(tags.target, {
      get: (object, name) => {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member !== "function") return member;
        return (repository: string, ...rest: unknown[]) => {
          asked.add(repository);
          return (member as (...all: unknown[]) => unknown).call(object, repository, ...rest);
        };
      },
    });
    await tags.mirror("7.1.0");
    await buildImage(tags.target, {
      repository: "other/api",
      tag: "1",
      platform: "linux/amd64",
      files: {},
    });
    await tags.look(used(), spy);
    expect([...asked]).toEqual([REPOSITORY]);
  });

  test.each(["listTags", "headManifest", "getManifest", "listReferrers"] as const)(
    "fails when the registry does not answer %s, instead of taking that for unused",
    async (method) => {
      await tags.mirror("7.1.0");
      const away = new OciLayout(tags.target.folder);
      away[method] = () => {
        throw new RegistryError("unreachable", "the registry is away");
      };
      await expect(tags.look(used(), away)).rejects.toThrow("the registry is away");
    },
  );
});

describe("usedReferences", () => {
  test("finds digests and tags in whatever text", () => {
    const digest = sha256("x");
    const text = JSON.stringify({
      imageID: `docker-pullable://${TARGET}/atom/api@${digest}`,
      image: `${TARGET}/atom/api:7.1.0`,
      other: "ghcr.io/atom-cloud/api:7.0.0",
      broken: `${digest}ab`,
    });
    expect(usedReferences(text, TARGET)).toEqual({
      digests: new Set([digest]),
      tags: new Set(["atom/api:7.1.0"]),
    });
  });

  test("finds nothing in an empty text", () => {
    expect(usedReferences("", TARGET)).toEqual({ digests: new Set(), tags: new Set() });
  });
});
