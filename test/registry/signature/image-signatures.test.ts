import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cosignTag, readCosignManifest } from "../../../lib/registry/signature/cosign-tag";
import { ensureSigned, findSignature } from "../../../lib/registry/signature/image-signatures";
import { OCI_MANIFEST } from "../../../lib/registry/media-types";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import type { Place } from "../../../lib/registry/place";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { referrersTag } from "../../../lib/registry/referrers-tag";
import { RegistryError } from "../../../lib/registry/registry-error";
import { attachBundle, findBundle } from "../../../lib/registry/signature/signature-bundle";
import { attachSignature, findTagSignature } from "../../../lib/registry/signature/signature-tag";
import { bytesSource } from "../../../lib/registry/verified-stream";
import { BUNDLE_MEDIA_TYPE, signImageBundle } from "../../../lib/signing/image-bundle";
import { signImage } from "../../../lib/signing/image-signature";
import type { SignedImage } from "../../../lib/signing/signed-image";
import { sha256 } from "../../../lib/support/digest";
import { RegistryDouble } from "../../doubles/registry-double";
import { tempFolder } from "../../doubles/temp-folder";
import { attachBundles, foreignBundles } from "./foreign-bundles";
import { SIGNERS } from "./foreign-signatures";
import type { ForeignSignatures } from "./foreign-signatures";
import { attachTags, foreignTags } from "./foreign-tags";
import { changedClient } from "../changed-client";
import { clientFor } from "../helpers";
import { putTinyImage, TINY_DIGEST } from "../tiny-image";

const REPOSITORY = "atom/api";
const { trusted, other } = SIGNERS;
const keys = [trusted.publicKeyPem];
const GOOD = { verified: true, keyId: trusted.keyId };

const digest = TINY_DIGEST;
const image: SignedImage = { repository: `registry.example:5000/${REPOSITORY}`, digest };

const double = new RegistryDouble();
beforeAll(() => double.start());
afterAll(() => double.close());

let place: Place;
beforeEach(async () => {
  double.empty();
  double.referrersApi = false;
  place = { client: clientFor(double).client, repository: REPOSITORY };
  await putTinyImage(place);
});

async function search(expected = image, trust: readonly string[] = keys) {
  return (await findSignature(place, expected, trust)).verification;
}

/** A place of which some methods are replaced. */
function changed(changes: Partial<RegistryClient>): Place {
  return { ...place, client: changedClient(place.client, changes) };
}

/** How many signatures the image has in either form. */
async function counts({ client } = place) {
  const tag = await readCosignManifest({ client, repository: REPOSITORY }, cosignTag(digest));
  const bundles = await client.listReferrers(REPOSITORY, digest);
  return { tag: tag?.layers.length ?? 0, bundles: bundles.length };
}

describe("findSignature under the tag", () => {
  test.each(titled(foreignTags(image)))("%s", async (_, { signatures, refused }) => {
    await attachTags(place, image, signatures);
    expect(await search()).toEqual(expectation(refused));
  });
});

describe("findSignature among the bundles", () => {
  test.each(titled(foreignBundles(image)))("%s", async (_, { signatures, refused }) => {
    await attachBundles(place, image, signatures);
    expect(await search()).toEqual(expectation(refused));
  });
});

function titled<T>(cases: readonly ForeignSignatures<T>[]) {
  return cases.map((each) => {
    const verdict = each.refused === true ? "passes" : "fails";
    return [`${verdict} for ${each.title}`, each] as const;
  });
}

function expectation(refused: RegExp | true) {
  if (refused === true) return GOOD;
  return { verified: false, reason: expect.stringMatching(refused) as string };
}

describe("findSignature", () => {
  test("gives the record of what lies under the tag, and none of a bundle", async () => {
    await attachBundle(place, digest, signImageBundle(image, trusted));
    expect(await findSignature(place, image, keys)).toEqual({ verification: GOOD });
    const record = signImage(image, trusted);
    await attachSignature(place, record);
    expect(await findSignature(place, image, keys)).toEqual({ verification: GOOD, record });
  });

  test("fails where there is none", async () => {
    expect(await search()).toEqual({ verified: false, reason: "there is no signature" });
  });

  test("fails with an empty trust root, and for a key that was given up", async () => {
    await ensureSigned(place, image, trusted);
    expect(await search(image, [])).toEqual({ verified: false, reason: "no key is trusted" });
    expect((await search(image, [other.publicKeyPem])).verified).toBe(false);
  });

  test("passes by either key while one is being replaced", async () => {
    await ensureSigned(place, image, trusted);
    const both = [other.publicKeyPem, trusted.publicKeyPem];
    for (const trust of [both, [both.join("")]]) {
      expect((await findTagSignature(place, image, trust)).verification).toEqual(GOOD);
      expect((await findBundle(place, image, trust)).verification).toEqual(GOOD);
    }
    await ensureSigned(place, image, other);
    expect(await search(image, [other.publicKeyPem])).toMatchObject({ keyId: other.keyId });
    expect(await counts()).toEqual({ tag: 2, bundles: 2 });
  });

  test("fails for the older image's signatures at the newer one, and cannot see that it is older", async () => {
    const older = { ...image, digest: sha256("7.1.0") };
    await attachTags(place, image, [signed(older)]);
    await attachBundles(place, image, [signImageBundle(older, trusted)]);
    expect((await search()).verified).toBe(false);
    // Whoever asks about the older digest gets its good signature: which digest is to run is for a lock
    // or a tag to say.
    await attachTags(place, older, [signed(older)]);
    expect(await search(older)).toEqual(GOOD);
  });

  test("fails loudly for a trust root that cannot be read", async () => {
    await ensureSigned(place, image, trusted);
    await expect(search(image, ["not a key"])).rejects.toThrow(/Invalid public key/);
  });

  test("does not ask for bundles if the tag has a good signature", async () => {
    await attachSignature(place, signImage(image, trusted));
    const silent = changed({ listReferrers: () => Promise.reject(unreachable) });
    expect((await findSignature(silent, image, keys)).verification).toEqual(GOOD);
  });
});

const unreachable = new RegistryError("unreachable", "the registry answered 503");

function signed(about: SignedImage) {
  const { payload, signature } = signImage(about, trusted);
  return { payload: Buffer.from(payload, "base64"), signature };
}

describe("a registry that does not tell", () => {
  beforeEach(async () => {
    await ensureSigned(place, image, trusted);
  });

  test("fails if it hides the signatures", async () => {
    const hiding = changed({
      getManifest: async (repository, reference) =>
        reference.endsWith(".sig") ? undefined : place.client.getManifest(repository, reference),
      listReferrers: () => Promise.resolve([]),
    });
    expect((await findSignature(hiding, image, keys)).verification).toEqual({
      verified: false,
      reason: "there is no signature",
    });
  });

  test.each<[string, Partial<RegistryClient>]>([
    ["the tag", { getManifest: () => Promise.reject(unreachable) }],
    [
      "the bundles",
      {
        getManifest: () => Promise.resolve(undefined),
        listReferrers: () => Promise.reject(unreachable),
      },
    ],
    ["a signature", { openBlob: () => failing() }],
  ])("fails if it does not answer for %s, which is not the same as none", async (_, changes) => {
    await expect(findSignature(changed(changes), image, keys)).rejects.toThrow(unreachable);
  });

  test("fails if what it lists is gone, and says so", async () => {
    const gone = changed({
      getManifest: async (repository, reference) =>
        reference === digest ? place.client.getManifest(repository, reference) : undefined,
    });
    const { verification } = await findSignature(gone, image, keys);
    expect(verification).toEqual({
      verified: false,
      reason: expect.stringMatching(/ is listed as a signature and not there$/) as string,
    });
  });
});

/** A stream that breaks before its first byte. */
function failing(): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(unreachable) }) };
}

describe("what lies beside a good signature", () => {
  test("does not hide it: things of other kinds, broken ones, and one that is too large", async () => {
    const large = Buffer.alloc(65 * 1024, " ");
    await attachTags(place, image, [{ payload: large, signature: "AAAA" }, signed(image)]);
    expect((await findTagSignature(place, image, keys)).verification).toEqual(GOOD);

    await attachReferrer("application/vnd.example.sbom", "sbom");
    await attachReferrer("application/vnd.oci.empty.v1+json", "text");
    await attachBundles(place, image, [large, Buffer.from("{")]);
    await attachBundle(place, digest, signImageBundle(image, trusted));
    expect((await findBundle(place, image, keys)).verification).toEqual(GOOD);
  });

  test("does not hide it: any number of statements on how the image was built", async () => {
    const built = { "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1" };
    for (let index = 0; index <= 100; index += 1) {
      await attachReferrer(BUNDLE_MEDIA_TYPE, "text", { ...built, index: `${index}` });
    }
    await attachBundle(place, digest, signImageBundle(image, trusted));
    double.seen.length = 0;
    expect((await findBundle(place, image, keys)).verification).toEqual(GOOD);
    expect(double.count("GET", /manifests\/sha256:/)).toBe(1);
  });

  test("hides it if there are more than 100 of them, which nobody is to download", async () => {
    const forged = { ...signed(image), signature: "AAAA" };
    const many = Array.from({ length: 101 }, (_, index) => ({
      ...forged,
      annotations: { index: `${index}` },
    }));
    await attachTags(place, image, many);
    expect(await search()).toEqual({ verified: false, reason: "too many signatures" });
  });

  test("is told apart by its manifest where the list does not tell", async () => {
    double.referrersApi = true;
    const built = { "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1" };
    await attachReferrer(BUNDLE_MEDIA_TYPE, "large", built, BUNDLE_MEDIA_TYPE);
    expect(await search()).toEqual({ verified: false, reason: "there is no signature" });
    expect(double.count("GET", /blobs/)).toBe(0);
  });

  test("is not taken for a bundle because it says so", async () => {
    await attachReferrer(BUNDLE_MEDIA_TYPE, "text");
    expect(await search()).toEqual({ verified: false, reason: "there is no signature" });
  });
});

/** Attaches an artifact of one text layer. */
async function attachReferrer(
  artifactType: string,
  text: string,
  annotations: Readonly<Record<string, string>> = {},
  mediaType = "text/plain",
): Promise<void> {
  const content = Buffer.from(text);
  const layer = { mediaType, digest: sha256(content), size: content.length };
  await place.client.putBlob(REPOSITORY, layer, bytesSource(content));
  const stored = (await place.client.getManifest(REPOSITORY, digest))!;
  const subject = { mediaType: stored.mediaType, digest, size: stored.bytes.length };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType,
      config: layer,
      layers: [layer],
      subject,
      annotations,
    }),
  );
  await place.client.putManifest(REPOSITORY, sha256(manifest), OCI_MANIFEST, manifest);
}

describe("ensureSigned", () => {
  test("signs in both forms, and adds nothing the second time", async () => {
    const record = await ensureSigned(place, image, trusted);
    expect(await counts()).toEqual({ tag: 1, bundles: 1 });
    expect((await findTagSignature(place, image, keys)).verification).toEqual(GOOD);
    expect((await findBundle(place, image, keys)).verification).toEqual(GOOD);
    expect(await ensureSigned(place, image, trusted)).toEqual(record);
    expect(await counts()).toEqual({ tag: 1, bundles: 1 });
  });

  test("adds the form that is missing, and leaves the other as it is", async () => {
    const record = signImage(image, trusted);
    await attachSignature(place, record);
    expect(await ensureSigned(place, image, trusted)).toEqual(record);
    expect(await counts()).toEqual({ tag: 1, bundles: 1 });
  });

  test("signs beside bad signatures and those of others", async () => {
    await attachTags(place, image, [{ ...signed(image), signature: "AAAA" }]);
    await attachBundles(place, image, [signImageBundle(image, other)]);
    await ensureSigned(place, image, trusted);
    expect(await search()).toEqual(GOOD);
    expect(await counts()).toEqual({ tag: 2, bundles: 2 });
  });

  test("fails for an image that is not there", async () => {
    const absent = { ...image, digest: sha256("absent") };
    await expect(ensureSigned(place, absent, trusted)).rejects.toThrow(
      `${REPOSITORY}@${absent.digest} is not there to be signed`,
    );
  });

  test.each([true, false])("finds its own again, with a referrers API: %s", async (api) => {
    double.referrersApi = api;
    await ensureSigned(place, image, trusted);
    await ensureSigned(place, image, trusted);
    expect(await counts()).toEqual({ tag: 1, bundles: 1 });
    expect(double.tags.has(`${REPOSITORY}:${referrersTag(digest)}`)).toBe(!api);
  });

  test("signs in a layout on disk", async () => {
    place = { client: new OciLayout(join(tempFolder(), "layout")), repository: REPOSITORY };
    await putTinyImage(place);
    await ensureSigned(place, image, trusted);
    await ensureSigned(place, image, trusted);
    expect(await counts()).toEqual({ tag: 1, bundles: 1 });
    expect((await findBundle(place, image, keys)).verification).toEqual(GOOD);
  });
});

describe("attachBundle", () => {
  test("writes the manifest that cosign writes", async () => {
    const bundle = signImageBundle(image, trusted);
    await attachBundle(place, digest, bundle);
    const [referrer] = await place.client.listReferrers(REPOSITORY, digest);
    const stored = await place.client.getManifest(REPOSITORY, referrer!.digest);
    const subject = (await place.client.getManifest(REPOSITORY, digest))!;
    expect(JSON.parse(Buffer.from(stored!.bytes).toString())).toEqual({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: BUNDLE_MEDIA_TYPE,
      config: { mediaType: "application/vnd.oci.empty.v1+json", digest: sha256("{}"), size: 2 },
      layers: [{ mediaType: BUNDLE_MEDIA_TYPE, digest: sha256(bundle), size: bundle.length }],
      subject: { mediaType: OCI_MANIFEST, digest, size: subject.bytes.length },
      annotations: {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1",
      },
    });
  });
});
