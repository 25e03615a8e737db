import type { SigningKey } from "../../signing/key";
import type { SignatureRecord } from "../../signing/signature";
import type { Clock } from "../../support/clock";
import { mapBounded } from "../../support/map-bounded";
import { carryAccessories } from "./accessories";
import type { AccessoryCount } from "./accessories";
import { causeOf } from "../cause";
import { copyTree } from "./copy";
import type { KnownBlobs } from "./copy";
import { ensureSigned, findSignature } from "../signature/image-signatures";
import { readImageTree } from "../image-tree";
import type { ImageTree } from "../image-tree";
import type { MirrorRecord } from "./mirror-record";
import type { Place } from "../place";
import type { MirrorPlan, PlannedImage } from "./plan";
import { parseReference } from "../reference";
import type { RegistryClient, SourceOf } from "../registry-client";
import { RegistryError } from "../registry-error";
import type { MirroredImage, MirrorState } from "./state";
import type { MirrorPhase, MirrorProgress } from "./progress";
import { readMirrored, signedName, sourceName, verifySignature } from "./verify";

export interface ApplyMirrorOptions {
  /** Gives the client of a source's registry. */
  readonly sourceOf: SourceOf;
  readonly target: RegistryClient;
  /** Signs what was copied. @default - nothing is signed */
  readonly key?: SigningKey;
  readonly clock: Clock;
  /**
   * What earlier runs wrote. An image that is on record as whole and signed by the same key, and whose
   * tag still stands for it, costs one request and is not read again; one that has lost upstream
   * signatures since fails.
   *
   * @default - every image is read again
   */
  readonly record?: MirrorRecord;
  /** Asks for every image again, also what is on record as whole. @default false */
  readonly full?: boolean;
  /** Is told how each image ended, as soon as it has. */
  readonly onImage?: (outcome: ImageOutcome) => void;
  readonly onProgress?: (progress: MirrorProgress) => void;
  /** Images worked on at once, each of another repository. @default 4 */
  readonly concurrency?: number;
}

/** How one image ended. */
export interface ImageOutcome {
  readonly image: MirroredImage;
  /** Ours, if it is at the target. */
  readonly signature: SignatureRecord | undefined;
}

export interface MirrorResult {
  readonly state: MirrorState;
  /** Our signature of each image that has one at the target, in the plan's order. */
  readonly signatures: readonly SignatureRecord[];
}

/**
 * Carries out a plan. Each image is copied by digest, byte for byte, with what others attached to it;
 * then it is signed, then it gets its tag, and then its manifests and signatures are read again from
 * the target. An image that fails is recorded with its cause, and the rest goes on: ask `failedImages`
 * how it ended.
 */
export async function applyMirror(
  plan: MirrorPlan,
  options: ApplyMirrorOptions,
): Promise<MirrorResult> {
  const blobs: KnownBlobs = new Map();
  const outcomes = new Map<PlannedImage, ImageOutcome>();
  const limit = options.concurrency ?? IMAGES_AT_ONCE;
  // What is attached to a manifest is a list that is read, added to and written: one image at a time.
  await mapBounded(byRepository(plan.images), limit, async (images) => {
    for (const image of images) {
      const outcome = await new ImageMirror(image, options, blobs).run();
      outcomes.set(image, outcome);
      options.onImage?.(outcome);
    }
  });
  const results = plan.images.map((image) => outcomes.get(image)!);
  return {
    state: { version: 1, target: plan.target, images: results.map(({ image }) => image) },
    signatures: results.map(({ signature }) => signature).filter((s) => s !== undefined),
  };
}

function byRepository(images: readonly PlannedImage[]): PlannedImage[][] {
  const groups = new Map<string, PlannedImage[]>();
  for (const image of images) {
    groups.set(image.repository, [...(groups.get(image.repository) ?? []), image]);
  }
  return [...groups.values()];
}

const IMAGES_AT_ONCE = 4;

/** The way of one image; its fields are what is known so far, for the record of a failure. */
class ImageMirror {
  readonly #image: PlannedImage;
  readonly #options: ApplyMirrorOptions;
  readonly #to: Place;
  readonly #blobs: KnownBlobs;
  #bytesDone = 0;
  #upstream: AccessoryCount = { found: 0, carried: 0 };
  #signature: SignatureRecord | undefined;

  constructor(image: PlannedImage, options: ApplyMirrorOptions, blobs: KnownBlobs) {
    this.#image = image;
    this.#options = options;
    this.#blobs = blobs;
    this.#to = { client: options.target, repository: image.repository };
  }

  async run(): Promise<ImageOutcome> {
    try {
      const whole = await this.#standing();
      if (whole !== undefined) return whole;
      const outcome = await this.#mirror();
      this.#report("done");
      return { image: this.#record({ verified: true, outcome }), signature: this.#signature };
    } catch (error) {
      this.#report("failed");
      const failure = error instanceof RegistryError ? error.failure : "other";
      const ending = {
        verified: false,
        outcome: "failed",
        failure,
        cause: causeOf(error),
      } as const;
      return { image: this.#record(ending), signature: this.#signature };
    }
  }

  /** The image as it is on record, if its tag still stands for it. */
  async #standing(): Promise<ImageOutcome | undefined> {
    const { record, full = false, key } = this.#options;
    const whole = full ? undefined : record?.findWhole(this.#image, key);
    if (whole === undefined) return undefined;
    const { client, repository } = this.#to;
    const current = await client.headManifest(repository, this.#image.tag);
    if (current !== this.#image.digest) return undefined;
    this.#bytesDone = this.#image.bytes;
    this.#report("done");
    return { image: { ...whole.image, outcome: "present" }, signature: whole.signature };
  }

  async #mirror(): Promise<"copied" | "present"> {
    const { registry, repository } = parseReference(this.#image.from);
    const from = { client: this.#options.sourceOf(registry), repository };
    const tree = await this.#readSource(from);
    await this.#verifySource(from);
    const copied = await this.#copy(tree, from);
    await this.#carrySignatures(tree, from);
    await this.#sign();
    const tagged = await this.#tag(tree, { mayBeThere: !copied });
    await this.#verify();
    return tagged ? "copied" : "present";
  }

  async #readSource({ client, repository }: Place): Promise<ImageTree> {
    this.#report("copy");
    const tree = await readImageTree(client, repository, this.#image.digest);
    if (tree !== undefined) return tree;
    throw new RegistryError("missing", `${this.#image.from} is not at the source`);
  }

  /** Nothing is copied of an image whose upstream has not signed it, where that is asked for. */
  async #verifySource(from: Place): Promise<void> {
    const { upstreamKeys, digest } = this.#image;
    if (upstreamKeys === undefined) return;
    const signed = { repository: sourceName(this.#image), digest };
    const { verification } = await findSignature(from, signed, upstreamKeys);
    if (verification.verified) return;
    throw new RegistryError("unsigned", `the source's signature: ${verification.reason}`);
  }

  #copy(tree: ImageTree, from: Place): Promise<boolean> {
    return copyTree(tree, from, this.#to, {
      known: this.#blobs,
      onBytes: (bytes) => {
        this.#bytesDone += bytes;
        this.#report("copy");
      },
    });
  }

  async #carrySignatures(tree: ImageTree, from: Place): Promise<void> {
    this.#report("signatures");
    const subjects = tree.manifests.map(({ digest }) => digest);
    this.#upstream = await carryAccessories(subjects, from, this.#to);
    const { found, carried } = this.#upstream;
    if (carried < found) {
      throw new RegistryError("missing", `${carried} of ${found} upstream signatures arrived`);
    }
    const before = this.#options.record?.find(this.#image)?.upstreamSignatures.found ?? 0;
    if (found >= before) return;
    // Kept on record, so that the next run does not take the loss for what always was.
    this.#upstream = { found: before, carried };
    throw new RegistryError(
      "missing",
      `the source has ${found} of the ${before} upstream signatures it had; ` +
        `to accept that, remove the image from mirror_state.json`,
    );
  }

  /** Signs, and says where it came from, unless the target has good signatures by this key already. */
  async #sign(): Promise<void> {
    const { key } = this.#options;
    if (key === undefined) return;
    this.#report("sign");
    const { from, digest } = this.#image;
    const image = { repository: signedName(this.#image), digest, annotations: { source: from } };
    this.#signature = await ensureSigned(this.#to, image, key);
  }

  /** The tag comes last: whoever finds the image by it finds it whole and signed. */
  async #tag({ root }: ImageTree, { mayBeThere }: { mayBeThere: boolean }): Promise<boolean> {
    const { client, repository } = this.#to;
    const { tag } = this.#image;
    if (mayBeThere && (await client.headManifest(repository, tag)) === root.digest) return false;
    await client.putManifest(repository, tag, root.mediaType, root.bytes);
    return true;
  }

  async #verify(): Promise<void> {
    this.#report("verify");
    const { target, key } = this.#options;
    const tree = await readMirrored(this.#image, target);
    for (const blob of tree.blobs) {
      if (await target.hasBlob(this.#image.repository, blob)) continue;
      throw new RegistryError("missing", `${blob.digest} is not at the target`);
    }
    if (key === undefined) return;
    const result = await verifySignature(this.#image, target, [key.publicKeyPem]);
    if (!result.verified) throw new RegistryError("corrupt", `our signature: ${result.reason}`);
  }

  #record(
    ending: Pick<MirroredImage, "verified" | "outcome" | "failure" | "cause">,
  ): MirroredImage {
    const { name, source, repository, digest, platforms, bytes } = this.#image;
    const { found, carried } = this.#upstream;
    return {
      name,
      source,
      repository,
      digest,
      platforms,
      bytes,
      upstreamSignatures: { found, carried },
      signed: this.#signature !== undefined,
      ...ending,
      at: this.#options.clock.now().toISOString(),
    };
  }

  #report(phase: MirrorPhase): void {
    this.#options.onProgress?.({
      image: this.#image.name,
      phase,
      bytesDone: this.#bytesDone,
      bytesTotal: this.#image.bytes,
    });
  }
}
