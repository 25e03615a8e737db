import { expect } from "vitest";
import { applyMirror } from "../../../lib/registry/mirror/apply";
import { cosignTag } from "../../../lib/registry/signature/cosign-tag";
import { planGc } from "../../../lib/registry/gc/gc-plan";
import type { PlannedGc } from "../../../lib/registry/gc/gc-plan";
import { buildMultiPlatformImage } from "../../../lib/registry/image-builder";
import { readImageTree } from "../../../lib/registry/image-tree";
import { OCI_INDEX, OCI_MANIFEST } from "../../../lib/registry/media-types";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { planMirror } from "../../../lib/registry/mirror/plan";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { resolveImages } from "../../../lib/registry/mirror/resolve";
import { usedReferences } from "../../../lib/registry/gc/used-references";
import type { UsedReferences } from "../../../lib/registry/gc/used-references";
import { generateSigningKey } from "../../../lib/signing/key";
import { systemClock } from "../../../lib/support/clock";
import { sha256 } from "../../../lib/support/digest";
import type { Digest } from "../../../lib/support/digest";
import { tempFolder } from "../../doubles/temp-folder";
import { blobOf, TARGET } from "../helpers";

/** The repository that all tags of {@link MirroredTags} are in. */
export const REPOSITORY = "atom/api";

const key = generateSigningKey();

/** What some texts need of the mirror. */
export function used(...names: string[]): UsedReferences {
  return usedReferences(names.join(" "), TARGET);
}

/** A mirror with several tags of one image, some of which are to go. */
export class MirroredTags {
  readonly target = new OciLayout(tempFolder());
  readonly #source = new OciLayout(tempFolder());

  /** What would go now. */
  look(uses: UsedReferences, client: RegistryClient = this.target): Promise<PlannedGc> {
    return planGc({ target: TARGET, client, repositories: [REPOSITORY], used: uses });
  }

  /** Mirrors a tag, an index over two platforms that is signed by our key, and gives its digest. */
  async mirror(tag: string): Promise<Digest> {
    await buildMultiPlatformImage(this.#source, {
      repository: "atom-cloud/api",
      tag,
      platforms: ["linux/amd64", "linux/arm64"],
      files: { version: tag },
    });
    const declared = { name: "api", source: `ghcr.io/atom-cloud/api:${tag}` };
    const sourceOf = () => this.#source;
    const plan = planMirror(await resolveImages([declared], sourceOf), { target: TARGET });
    await applyMirror(plan, { sourceOf, target: this.target, key, clock: systemClock });
    return plan.images[0]!.digest;
  }

  /** Adds a manifest that refers to another one, as an attestation does. */
  async refer(subject: Digest, content: string): Promise<Digest> {
    const blob = blobOf(content);
    await this.target.putBlob(REPOSITORY, blob, blob.open);
    const about = { mediaType: "application/x", digest: blob.digest, size: blob.size };
    const manifest = {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: about,
      layers: [],
      subject: { mediaType: OCI_INDEX, digest: subject, size: 1 },
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    return this.target.putManifest(REPOSITORY, sha256(bytes), OCI_MANIFEST, bytes);
  }

  async retag(from: string, to: string): Promise<void> {
    const { mediaType, bytes } = (await this.target.getManifest(REPOSITORY, from))!;
    await this.target.putManifest(REPOSITORY, to, mediaType, bytes);
  }

  async dropTag(tag: string): Promise<void> {
    const digest = (await this.target.headManifest(REPOSITORY, tag))!;
    await this.target.deleteManifest(REPOSITORY, digest);
  }

  async childrenOf(digest: Digest): Promise<Digest[]> {
    const tree = (await readImageTree(this.target, REPOSITORY, digest))!;
    return tree.manifests.map((node) => node.digest).filter((each) => each !== digest);
  }

  async tags(): Promise<string[]> {
    const tags = [];
    for await (const tag of this.target.listTags(REPOSITORY)) tags.push(tag);
    return tags;
  }

  /** That an image is whole: every manifest and blob, and every signature. */
  async expectWhole(digest: Digest): Promise<void> {
    const { target } = this;
    const tree = (await readImageTree(target, REPOSITORY, digest))!;
    for (const blob of tree.blobs) expect(await target.hasBlob(REPOSITORY, blob)).toBe(true);
    expect(await readImageTree(target, REPOSITORY, cosignTag(digest))).toBeDefined();
    const referrers = await target.listReferrers(REPOSITORY, digest);
    expect(referrers.length).toBeGreaterThan(0);
    for (const referrer of referrers) {
      expect(await readImageTree(target, REPOSITORY, referrer.digest)).toBeDefined();
    }
  }
}
