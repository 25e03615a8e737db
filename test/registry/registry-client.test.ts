import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OCI_INDEX } from "../../lib/registry/media-types";
import { OciLayout } from "../../lib/registry/layout/oci-layout";
import type { RegistryClient } from "../../lib/registry/registry-client";
import { drain } from "../../lib/registry/verified-stream";
import { sha256 } from "../../lib/support/digest";
import { RegistryDouble } from "../doubles/registry-double";
import { tempFolder } from "../doubles/temp-folder";
import { blobOf, clientFor } from "./helpers";

// What both places that hold images promise; each place's own test has the rest.
describe.each(["a registry over HTTP", "an OCI layout"])("%s", (place) => {
  let double: RegistryDouble;
  let client: RegistryClient;

  beforeEach(async () => {
    double = await new RegistryDouble().start();
    client =
      place === "an OCI layout"
        ? new OciLayout(join(tempFolder(), "layout"))
        : clientFor(double).client;
  });
  afterEach(() => double.close());

  /** An index over others, the simplest manifest there is. */
  function index(name: string, children: readonly Uint8Array[] = [], more: object = {}) {
    const manifests = children.map((bytes) => ({
      mediaType: OCI_INDEX,
      digest: sha256(bytes),
      size: bytes.length,
    }));
    const annotations = { name };
    return Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests,
        annotations,
        ...more,
      }),
    );
  }

  async function tagsOf(repository: string): Promise<string[]> {
    const tags: string[] = [];
    for await (const tag of client.listTags(repository)) tags.push(tag);
    return tags;
  }

  const put = (repository: string, tag: string, bytes: Uint8Array) =>
    client.putManifest(repository, tag, OCI_INDEX, bytes);

  test("takes a blob from another repository", async () => {
    const blob = blobOf("layer");
    await client.putBlob("a/one", blob, blob.open);
    await client.putBlob("a/two", blob, blob.open, { mountFrom: "a/one" });
    expect(await client.hasBlob("a/two", blob)).toBe(true);
    await drain(client.openBlob("a/two", blob));
  });

  test("takes a blob from its source where the other repository does not have it", async () => {
    const blob = blobOf("layer");
    await client.putBlob("a/two", blob, blob.open, { mountFrom: "a/one" });
    await drain(client.openBlob("a/two", blob));
  });

  test("lists the tags of one repository", async () => {
    expect(await tagsOf("a/one")).toEqual([]);
    await put("a/one", "7.1.0", index("first"));
    await put("a/one", "7.2.0", index("second"));
    await put("a/one", "latest", index("second"));
    await put("a/one-more", "7.3.0", index("third"));
    expect(await tagsOf("a/one")).toEqual(["7.1.0", "7.2.0", "latest"]);
  });

  test("deletes a manifest with all of its tags, and nothing else", async () => {
    const old = await put("a/one", "7.1.0", index("old"));
    await put("a/one", "old", index("old"));
    const kept = await put("a/one", "7.2.0", index("kept"));
    expect(await client.deleteManifest("a/one", old)).toBe(true);
    expect(await tagsOf("a/one")).toEqual(["7.2.0"]);
    expect(await client.getManifest("a/one", old)).toBeUndefined();
    expect(await client.headManifest("a/one", "7.2.0")).toBe(kept);
    expect(await client.deleteManifest("a/one", old)).toBe(false);
  });

  test("deletes what is not there: it says so", async () => {
    expect(await client.deleteManifest("a/one", sha256("nothing"))).toBe(false);
  });

  test("deletes a manifest of one repository and leaves the same one of another", async () => {
    const digest = await put("a/one", "1", index("shared"));
    await put("a/two", "1", index("shared"));
    expect(await client.deleteManifest("a/one", digest)).toBe(true);
    expect(await tagsOf("a/one")).toEqual([]);
    expect((await client.getManifest("a/two", "1"))?.digest).toBe(digest);
  });

  test("takes a referrer that is deleted off its subject's list, and a subject's deletion takes no referrer", async () => {
    const image = index("image");
    const subject = { mediaType: OCI_INDEX, digest: sha256(image), size: image.length };
    const [first, second] = [index("first", [], { subject }), index("second", [], { subject })];
    await put("a/one", "1", image);
    for (const referrer of [first, second]) await put("a/one", sha256(referrer), referrer);
    const listed = async () =>
      (await client.listReferrers("a/one", subject.digest)).map(({ digest }) => digest);
    expect(await listed()).toEqual([sha256(first), sha256(second)]);
    expect(await client.deleteManifest("a/one", sha256(first))).toBe(true);
    expect(await listed()).toEqual([sha256(second)]);
    expect(await client.deleteManifest("a/one", subject.digest)).toBe(true);
    expect(await listed()).toEqual([sha256(second)]);
  });

  test("lists all referrers that are put at the same time", async () => {
    const image = index("image");
    const subject = { mediaType: OCI_INDEX, digest: sha256(image), size: image.length };
    await put("a/one", "1", image);
    const referrers = ["a", "b", "c", "d"].map((name) => index(name, [], { subject }));
    await Promise.all(referrers.map((bytes) => put("a/one", sha256(bytes), bytes)));
    const listed = await client.listReferrers("a/one", subject.digest);
    expect(listed.map(({ digest }) => digest).sort()).toEqual(referrers.map(sha256).sort());
  });

  test.each(["../x", "A", ""])("fails for the repository %j", async (repository) => {
    await expect(tagsOf(repository)).rejects.toMatchObject({ failure: "refused" });
    await expect(client.deleteManifest(repository, sha256("x"))).rejects.toMatchObject({
      failure: "refused",
    });
  });
});
