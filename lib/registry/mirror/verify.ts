import type { Verification } from "../../signing/signature";
import { readTrustedKeys } from "../../signing/trusted-keys";
import type { Digest } from "../../support/digest";
import { mapBounded } from "../../support/map-bounded";
import { findSignature } from "../signature/image-signatures";
import { causeOf } from "../cause";
import { readImageTree } from "../image-tree";
import type { ImageTree } from "../image-tree";
import type { MirrorPlan, PlannedImage } from "./plan";
import type { MirrorPhase, MirrorProgress } from "./progress";
import { repositoryOf } from "../reference";
import type { RegistryClient } from "../registry-client";
import { RegistryError } from "../registry-error";
import type { RegistryFailure } from "../registry-error";

const IMAGES_AT_ONCE = 3;

/** What was found at the target for one image of a plan. */
export interface VerifiedImage {
  readonly name: string;
  /** `registry.example:5000/atom/api@sha256:…` */
  readonly reference: string;
  readonly digest: Digest;
  /** Whether all its bytes are there and right; its signature may still be missing. */
  readonly whole: boolean;
  readonly verification: Verification;
  /** Why it could not be read, if so. */
  readonly failure?: RegistryFailure;
}

/** What was found at the target for a whole plan, in the plan's order. */
export interface MirrorVerification {
  /** Whether every image is whole and signed by a trusted key. */
  readonly verified: boolean;
  readonly images: readonly VerifiedImage[];
}

/**
 * Reads every image of a plan again from the target, all bytes of all blobs included, and checks its
 * tag, its digests, and that a trusted key signed it for this repository. It believes nothing that
 * was recorded. A target that does not answer verifies nothing.
 *
 * @param keys trusted public keys in PEM; none verifies nothing.
 * @param onProgress is told how far each image has come.
 * @throws UsageError if a key cannot be read.
 */
export async function verifyMirror(
  plan: MirrorPlan,
  target: RegistryClient,
  keys: readonly string[],
  onProgress: (progress: MirrorProgress) => void = () => undefined,
): Promise<MirrorVerification> {
  keys.forEach(readTrustedKeys);
  const images = await mapBounded(plan.images, IMAGES_AT_ONCE, async (image) => {
    let bytesDone = 0;
    const tell = (phase: MirrorPhase) =>
      onProgress({ image: image.name, phase, bytesDone, bytesTotal: image.bytes });
    tell("verify");
    const found = await verifyImage(image, target, keys, (bytes) => {
      bytesDone += bytes;
      tell("verify");
    });
    tell(found.verification.verified ? "done" : "failed");
    return { name: image.name, reference: image.to, digest: image.digest, ...found };
  });
  return { verified: images.every(({ verification }) => verification.verified), images };
}

async function verifyImage(
  image: PlannedImage,
  target: RegistryClient,
  keys: readonly string[],
  onBytes: (bytes: number) => void,
): Promise<Pick<VerifiedImage, "whole" | "verification" | "failure">> {
  let whole = false;
  try {
    const tree = await readMirrored(image, target);
    for (const { bytes } of tree.manifests) onBytes(bytes.length);
    for (const blob of tree.blobs) {
      for await (const chunk of target.openBlob(image.repository, blob)) onBytes(chunk.length);
    }
    whole = true;
    return { whole, verification: await verifySignature(image, target, keys) };
  } catch (error) {
    const verification = { verified: false, reason: causeOf(error) } as const;
    return error instanceof RegistryError
      ? { whole, verification, failure: error.failure }
      : { whole, verification };
  }
}

/**
 * Reads a mirrored image's manifests by its tag.
 *
 * @throws RegistryError if the tag is gone or stands for something else, or a manifest is missing or
 * wrong.
 */
export async function readMirrored(
  { repository, tag, digest }: PlannedImage,
  target: RegistryClient,
): Promise<ImageTree> {
  const where = `${repository}:${tag}`;
  const tree = await readImageTree(target, repository, tag);
  if (tree === undefined) throw new RegistryError("missing", `${where} is not at the target`);
  if (tree.root.digest === digest) return tree;
  throw new RegistryError("corrupt", `${where} is ${tree.root.digest}, not ${digest}`);
}

/** Checks that a trusted key signed an image for the repository it now lies in. */
export async function verifySignature(
  image: PlannedImage,
  client: RegistryClient,
  keys: readonly string[],
): Promise<Verification> {
  const { repository, digest } = image;
  const expected = { repository: signedName(image), digest };
  return (await findSignature({ client, repository }, expected, keys)).verification;
}

/** The repository as our signatures name it: with its registry, without tag or digest. */
export function signedName({ to }: Pick<PlannedImage, "to">): string {
  return repositoryOf(to);
}

/** The repository as its upstream's signatures name it. */
export function sourceName({ from }: Pick<PlannedImage, "from">): string {
  return repositoryOf(from);
}
