import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyMirror } from "../../../lib/registry/mirror/apply";
import type { MirrorProgress } from "../../../lib/registry/mirror/progress";
import { cosignTag } from "../../../lib/registry/signature/cosign-tag";
import { findSignature } from "../../../lib/registry/signature/image-signatures";
import { buildMultiPlatformImage } from "../../../lib/registry/image-builder";
import { ensureSigned } from "../../../lib/registry/signature/image-signatures";
import { MirrorRecord } from "../../../lib/registry/mirror/mirror-record";
import { OCI_INDEX } from "../../../lib/registry/media-types";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { RegistryError } from "../../../lib/registry/registry-error";
import { failedImages } from "../../../lib/registry/mirror/state";
import { verifyMirror } from "../../../lib/registry/mirror/verify";
import { attachSignature } from "../../../lib/registry/signature/signature-tag";
import { BUNDLE_MEDIA_TYPE } from "../../../lib/signing/image-bundle";
import { signImage, verifyImageSignature } from "../../../lib/signing/image-signature";
import { generateSigningKey } from "../../../lib/signing/key";
import { SimulatedClock } from "../../../lib/support/clock";
import { sha256 } from "../../../lib/support/digest";
import { Secret } from "../../../lib/support/secret";
import { end, RegistryDouble } from "../../doubles/registry-double";
import { tempFolder } from "../../doubles/temp-folder";
import { changedClient } from "../changed-client";
import { clientFor, planFor, seedImages, TARGET } from "../helpers";

const AT = "2026-01-01T00:00:00.000Z";
const key = generateSigningKey();
const upstreamKey = generateSigningKey();
const clock = new SimulatedClock(new Date(AT));

let source: OciLayout;
let target: OciLayout;

beforeEach(() => {
  source = new OciLayout(join(tempFolder(), "source"));
  target = new OciLayout(join(tempFolder(), "target"));
});

function options(changes: { target?: RegistryClient; source?: RegistryClient } = {}) {
  return { sourceOf: () => changes.source ?? source, target: changes.target ?? target, key, clock };
}

describe("applyMirror", () => {
  test("copies, signs, verifies and records every image", async () => {
    await seedImages(source, "api", "worker");
    const plan = await planFor(source, "api", "worker");
    const { state, signatures } = await applyMirror(plan, options());
    const [api, worker] = plan.images;
    const recorded = (image: typeof api) => ({
      name: image?.name,
      source: image?.source,
      repository: image?.repository,
      digest: image?.digest,
      platforms: ["linux/amd64"],
      bytes: image?.bytes,
      upstreamSignatures: { found: 0, carried: 0 },
      signed: true,
      verified: true,
      outcome: "copied",
      at: AT,
    });
    expect(state).toEqual({
      version: 1,
      target: TARGET,
      images: [recorded(api), recorded(worker)],
    });
    expect(signatures.map(({ repository }) => repository)).toEqual([
      `${TARGET}/atom/api`,
      `${TARGET}/atom/worker`,
    ]);
    for (const [index, record] of signatures.entries()) {
      const { repository, digest } = { ...record, digest: plan.images[index]!.digest };
      expect(verifyImageSignature(record, { repository, digest }, [key.publicKeyPem])).toEqual({
        verified: true,
        keyId: key.keyId,
      });
    }
    expect(failedImages(state)).toEqual([]);
  });

  test("finds everything present the second time, and signs nothing twice", async () => {
    await seedImages(source, "api");
    const plan = await planFor(source, "api");
    const first = await applyMirror(plan, options());
    const index = readFileSync(join(target.folder, "index.json"));
    const second = await applyMirror(plan, options());
    expect(second.signatures).toEqual(first.signatures);
    expect(second.state.images[0]).toEqual({ ...first.state.images[0], outcome: "present" });
    expect(readFileSync(join(target.folder, "index.json"))).toEqual(index);
  });

  test("copies an index with all its children, byte for byte", async () => {
    await buildMultiPlatformImage(source, {
      repository: "atom-cloud/api",
      tag: "7.2.0",
      platforms: ["linux/amd64", "linux/arm64"],
      files: { a: "a" },
    });
    const plan = await planFor(source, "api");
    const { state } = await applyMirror(plan, options());
    expect(state.images[0]).toMatchObject({ outcome: "copied", verified: true });
    const copy = await target.getManifest("atom/api", "7.2.0");
    expect(copy).toEqual(await source.getManifest("atom-cloud/api", "7.2.0"));
  });

  test("writes blobs, then children, then the manifest, then signatures, and the tag last", async () => {
    await buildMultiPlatformImage(source, {
      repository: "atom-cloud/api",
      tag: "7.2.0",
      platforms: ["linux/amd64"],
      files: { a: "a" },
    });
    const plan = await planFor(source, "api");
    const writes: string[] = [];
    const watched = changedClient(target, {
      putBlob: async (repository, blob, open) => {
        await target.putBlob(repository, blob, open);
        writes.push("blob");
      },
      putManifest: (repository, reference, mediaType, bytes) => {
        const digest = plan.images[0]?.digest;
        writes.push(
          reference === digest ? "manifest" : reference.startsWith("sha256:") ? "child" : reference,
        );
        return target.putManifest(repository, reference, mediaType, bytes);
      },
    });
    await applyMirror(plan, options({ target: watched }));
    const digest = plan.images[0]!.digest;
    const expected = [
      "blob",
      "blob",
      "child",
      "manifest",
      "blob",
      "blob",
      cosignTag(digest),
      "blob",
      "blob",
      "child",
      "7.2.0",
    ];
    expect(writes).toEqual(expected);
  });

  test("reports progress that ends at the image's bytes", async () => {
    await seedImages(source, "api");
    const plan = await planFor(source, "api");
    const seen: MirrorProgress[] = [];
    await applyMirror(plan, { ...options(), onProgress: (progress) => seen.push(progress) });
    const bytes = plan.images[0]!.bytes;
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual([
      "copy",
      "signatures",
      "sign",
      "verify",
      "done",
    ]);
    expect(seen[0]).toEqual({ image: "api", phase: "copy", bytesDone: 0, bytesTotal: bytes });
    expect(seen.at(-1)).toEqual({
      image: "api",
      phase: "done",
      bytesDone: bytes,
      bytesTotal: bytes,
    });
  });

  test("records an image that fails with its digest, and does the rest", async () => {
    await seedImages(source, "api", "worker");
    const plan = await planFor(source, "api", "worker");
    const broken = changedClient(source, {
      openBlob: (repository, blob) => {
        if (repository.endsWith("api")) throw new RegistryError("unreachable", "source is down");
        return source.openBlob(repository, blob);
      },
    });
    const { state, signatures } = await applyMirror(plan, options({ source: broken }));
    expect(failedImages(state)).toEqual([
      {
        ...state.images[0],
        name: "api",
        digest: plan.images[0]?.digest,
        signed: false,
        verified: false,
        outcome: "failed",
        failure: "unreachable",
        cause: "source is down",
        at: AT,
      },
    ]);
    expect(state.images[1]?.outcome).toBe("copied");
    expect(signatures.length).toBe(1);
    expect(await target.headManifest("atom/api", "7.2.0")).toBeUndefined();
  });

  test("adds the new key's signature to the old one's while keys are rotated", async () => {
    await seedImages(source, "api");
    const plan = await planFor(source, "api");
    const newKey = generateSigningKey();
    await applyMirror(plan, options());
    await applyMirror(plan, { ...options(), key: newKey });
    for (const { publicKeyPem } of [key, newKey]) {
      expect((await verifyMirror(plan, target, [publicKeyPem])).verified).toBe(true);
    }
  });

  test("signs one image with several tags once", async () => {
    await seedImages(source, "api");
    const { images, ...plan } = await planFor(source, "api");
    const tags = ["7.2.0", "7.2", "7"].map((tag) => ({ ...images[0]!, name: `api:${tag}`, tag }));
    const { signatures } = await applyMirror({ ...plan, images: tags }, options());
    expect(new Set(signatures.map(({ signature }) => signature)).size).toBe(1);
    expect(await target.listReferrers("atom/api", images[0]!.digest)).toHaveLength(1);
  });

  test("R12 replaces a blob that was damaged at the target", async () => {
    await seedImages(source, "api");
    const plan = await planFor(source, "api");
    await applyMirror(plan, options());
    const files = join(target.folder, "blobs", "sha256");
    const tree = JSON.parse(readFileSync(join(files, plan.images[0]!.digest.slice(7)), "utf8")) as {
      layers: { digest: string }[];
    };
    const layer = join(files, tree.layers[0]!.digest.slice(7));
    writeFileSync(layer, readFileSync(layer).fill(0, 0, 9));
    expect((await verifyMirror(plan, target, [key.publicKeyPem])).verified).toBe(false);
    const { state } = await applyMirror(plan, options());
    expect(state.images[0]).toMatchObject({ outcome: "copied", verified: true });
    expect((await verifyMirror(plan, target, [key.publicKeyPem])).verified).toBe(true);
  });
});

describe("what others attached", () => {
  async function seedSigned() {
    await seedImages(source, "api");
    const digest = (await source.headManifest("atom-cloud/api", "7.2.0"))!;
    const from = { client: source, repository: "atom-cloud/api" };
    const signed = { repository: "ghcr.io/atom-cloud/api", digest };
    await attachSignature(from, signImage(signed, upstreamKey));
    const subject = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size: 1 };
    const sbom = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], subject }),
    );
    await source.putManifest("atom-cloud/api", sha256(sbom), OCI_INDEX, sbom);
    return { digest, sbom: sha256(sbom), signed, plan: await planFor(source, "api") };
  }

  test("arrives and is counted, beside our own signature", async () => {
    const { digest, sbom, signed, plan } = await seedSigned();
    const { state } = await applyMirror(plan, options());
    expect(state.images[0]).toMatchObject({
      upstreamSignatures: { found: 2, carried: 2 },
      signed: true,
      verified: true,
    });
    const place = { client: target, repository: "atom/api" };
    const upstream = await findSignature(place, signed, [upstreamKey.publicKeyPem]);
    expect(upstream.verification.verified).toBe(true);
    const [first, ours, ...others] = await target.listReferrers("atom/api", digest);
    expect([first?.digest, ours?.artifactType, others]).toEqual([sbom, BUNDLE_MEDIA_TYPE, []]);
  });

  test("is carried again when it grows, and nothing at the target is lost", async () => {
    const { digest, signed, plan } = await seedSigned();
    await applyMirror(plan, options());
    const another = signImage({ ...signed, annotations: { reviewed: "yes" } }, upstreamKey);
    await attachSignature({ client: source, repository: "atom-cloud/api" }, another);
    const { state } = await applyMirror(plan, options());
    expect(state.images[0]?.upstreamSignatures).toEqual({ found: 3, carried: 3 });
    expect((await verifyMirror(plan, target, [key.publicKeyPem])).verified).toBe(true);
    expect(await target.headManifest("atom/api", cosignTag(digest))).toBeDefined();
  });

  test("fails the image if the target loses it", async () => {
    const { plan } = await seedSigned();
    const forgetful = changedClient(target, { listReferrers: () => Promise.resolve([]) });
    const { state } = await applyMirror(plan, options({ target: forgetful }));
    expect(state.images[0]).toMatchObject({
      outcome: "failed",
      cause: "1 of 2 upstream signatures arrived",
      upstreamSignatures: { found: 2, carried: 1 },
      signed: false,
    });
    expect(await target.headManifest("atom/api", "7.2.0")).toBeUndefined();
  });

  test("fails the image if the source lists what is not there any more", async () => {
    const { plan, sbom } = await seedSigned();
    const collected = changedClient(source, {
      getManifest: (repository, reference) =>
        reference === sbom ? Promise.resolve(undefined) : source.getManifest(repository, reference),
    });
    const { state } = await applyMirror(plan, options({ source: collected }));
    expect(state.images[0]).toMatchObject({
      outcome: "failed",
      failure: "missing",
      cause: `atom-cloud/api lists ${sbom}, which is not there`,
    });
  });

  test("fails the image if the source has fewer than an earlier run found, also the run after", async () => {
    const { plan } = await seedSigned();
    let { state, signatures } = await applyMirror(plan, options());
    const poorer = changedClient(source, { listReferrers: () => Promise.resolve([]) });
    for (let run = 1; run <= 2; run += 1) {
      const record = new MirrorRecord(TARGET, state, signatures);
      ({ state, signatures } = await applyMirror(plan, {
        ...options({ source: poorer }),
        record,
        full: true,
      }));
      expect(state.images[0]).toMatchObject({
        outcome: "failed",
        failure: "missing",
        cause:
          "the source has 1 of the 2 upstream signatures it had; " +
          "to accept that, remove the image from mirror_state.json",
        upstreamSignatures: { found: 2, carried: 1 },
      });
    }
  });

  test("fails the image if the source does not say what there is", async () => {
    const { plan } = await seedSigned();
    const silent = changedClient(source, {
      listReferrers: () => Promise.reject(new RegistryError("unreachable", "503")),
    });
    const { state } = await applyMirror(plan, options({ source: silent }));
    expect(state.images[0]).toMatchObject({ outcome: "failed", cause: "503", signed: false });
  });
});

describe("an image that has to be signed at its source", () => {
  async function planWith(...keys: readonly string[]) {
    await seedImages(source, "api");
    const plan = await planFor(source, "api");
    const images = plan.images.map((image) => ({ ...image, upstreamKeys: keys }));
    return { ...plan, images };
  }
  const from = () => ({ client: source, repository: "atom-cloud/api" });

  test("is copied if one of the keys signed it", async () => {
    const plan = await planWith(generateSigningKey().publicKeyPem, upstreamKey.publicKeyPem);
    const { digest } = plan.images[0]!;
    await ensureSigned(from(), { repository: "ghcr.io/atom-cloud/api", digest }, upstreamKey);
    const { state } = await applyMirror(plan, options());
    expect(state.images[0]).toMatchObject({ outcome: "copied", verified: true });
  });

  test.each([
    ["nobody signed it", undefined, /^the source's signature: there is no signature$/],
    ["another key signed it", generateSigningKey(), /^the source's signature: .*trusted key/],
  ])("fails if %s, and nothing of it is copied", async (_, signer, cause) => {
    const plan = await planWith(upstreamKey.publicKeyPem);
    const { digest } = plan.images[0]!;
    if (signer !== undefined) {
      await ensureSigned(from(), { repository: "ghcr.io/atom-cloud/api", digest }, signer);
    }
    const { state } = await applyMirror(plan, options());
    expect(state.images[0]).toMatchObject({
      outcome: "failed",
      failure: "unsigned",
      cause: expect.stringMatching(cause) as string,
    });
    expect(existsSync(target.folder)).toBe(false);
  });
});

describe("verifyMirror", () => {
  async function mirrored() {
    await seedImages(source, "api");
    const plan = await planFor(source, "api");
    await applyMirror(plan, options());
    return plan;
  }

  test("fails with an empty trust root, or the wrong key", async () => {
    const plan = await mirrored();
    for (const keys of [[], [generateSigningKey().publicKeyPem]]) {
      const result = await verifyMirror(plan, target, keys);
      expect(result.verified).toBe(false);
    }
  });

  test("tells how far it has come, up to the image's last byte", async () => {
    const plan = await mirrored();
    const { name: image, bytes: bytesTotal } = plan.images[0]!;
    const told: MirrorProgress[] = [];
    await verifyMirror(plan, target, [key.publicKeyPem], (progress) => told.push(progress));
    expect([told[0], told.at(-1)]).toEqual([
      { image, phase: "verify", bytesDone: 0, bytesTotal },
      { image, phase: "done", bytesDone: bytesTotal, bytesTotal },
    ]);
  });

  test("passes if one signature of several is good", async () => {
    const plan = await mirrored();
    const { digest } = plan.images[0]!;
    const forged = signImage({ repository: `${TARGET}/atom/api`, digest }, generateSigningKey());
    await attachSignature({ client: target, repository: "atom/api" }, forged);
    expect((await verifyMirror(plan, target, [key.publicKeyPem])).verified).toBe(true);
  });

  test("fails for a signature that was made for another repository", async () => {
    await seedImages(source, "api");
    const plan = await planFor(source, "api");
    await applyMirror(plan, { sourceOf: () => source, target, clock });
    const { digest } = plan.images[0]!;
    const foreign = signImage({ repository: `${TARGET}/atom/worker`, digest }, key);
    await attachSignature({ client: target, repository: "atom/api" }, foreign);
    const result = await verifyMirror(plan, target, [key.publicKeyPem]);
    expect(result.images[0]?.verification).toEqual({
      verified: false,
      reason: `the payload is about the repository "${TARGET}/atom/worker", not ${TARGET}/atom/api`,
    });
  });

  test.each([
    ["hides the signature", () => Promise.resolve(undefined), "there is no signature"],
    [
      "fails when asked for the signature",
      () => Promise.reject(new RegistryError("unreachable", "503")),
      "503",
    ],
  ])("fails if the registry %s", async (_, answer, reason) => {
    const plan = await mirrored();
    const hiding = changedClient(target, {
      getManifest: (repository, reference) =>
        reference.endsWith(".sig") ? answer() : target.getManifest(repository, reference),
      listReferrers: async () => (await answer()) ?? [],
    });
    const result = await verifyMirror(plan, hiding, [key.publicKeyPem]);
    expect(result).toMatchObject({
      verified: false,
      images: [{ name: "api", verification: { verified: false, reason } }],
    });
  });

  test("fails if the tag was moved to another image", async () => {
    const plan = await mirrored();
    await seedImages(source, "worker");
    const other = (await source.getManifest("atom-cloud/worker", "7.2.0"))!;
    await target.putManifest("atom/api", "7.2.0", other.mediaType, other.bytes);
    const result = await verifyMirror(plan, target, [key.publicKeyPem]);
    expect(result.images[0]?.verification).toMatchObject({
      reason: expect.stringContaining(`atom/api:7.2.0 is ${other.digest}, not`) as string,
    });
  });
});

describe("over HTTP", () => {
  let double: RegistryDouble;

  beforeEach(async () => {
    double = await new RegistryDouble().start();
  });

  afterEach(() => double.close());

  test("gives the same state and the same content as on disk", async () => {
    await seedImages(source, "api", "worker");
    const plan = await planFor(source, "api", "worker");
    const onDisk = await applyMirror(plan, options());
    const { client } = clientFor(double);
    const overHttp = await applyMirror(plan, options({ target: client }));
    expect(overHttp.state).toEqual(onDisk.state);
    for (const { repository, digest } of plan.images) {
      expect(await client.getManifest(repository, digest)).toEqual(
        await target.getManifest(repository, digest),
      );
    }
    expect((await verifyMirror(plan, client, [key.publicKeyPem])).verified).toBe(true);
  });

  test("R1 an image whose upload is refused for good fails, the rest is copied, no secret is told", async () => {
    const canary = "canary-Zq7x-password";
    double.auth = "basic";
    double.password = canary;
    await seedImages(source, "api", "worker");
    const plan = await planFor(source, "api", "worker");
    double.fault("PUT", /atom\/api\/blobs/, (_request, response) => end(response, 503), Infinity);
    const credentials = { username: "mirror", password: Secret.of(canary) };
    const { client } = clientFor(double, { credentials });
    const { state } = await applyMirror(plan, options({ target: client }));
    expect(state.images.map(({ outcome }) => outcome)).toEqual(["failed", "copied"]);
    expect(state.images[0]?.cause).toMatch(
      /^upload of atom\/api@sha256:[0-9a-f]{64}: the registry answered 503$/,
    );
    const written = JSON.stringify(state);
    for (const secret of [canary, Buffer.from(`mirror:${canary}`).toString("base64")]) {
      expect(written).not.toContain(secret);
    }
  });

  test("R4 a tag that moves while it is mirrored changes nothing: the digest is copied", async () => {
    const { client } = clientFor(double);
    await seedImages(client, "api");
    const plan = await planFor(client, "api");
    await seedImages(client, "worker");
    double.tags.set("atom-cloud/api:7.2.0", double.tags.get("atom-cloud/worker:7.2.0")!);
    const { state } = await applyMirror(plan, options({ source: client }));
    expect(state.images[0]).toMatchObject({ outcome: "copied", digest: plan.images[0]?.digest });
    expect(await target.headManifest("atom/api", "7.2.0")).toBe(plan.images[0]?.digest);
  });
});
