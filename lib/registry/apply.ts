import { signImage } from "../signing/image-signature";
import type { SigningKey } from "../signing/key";
import type { SignatureRecord } from "../signing/signature";
import type { Clock } from "../support/clock";
import { mapBounded } from "../support/map-bounded";
import { carryAccessories } from "./accessories";
import type { AccessoryCount } from "./accessories";
import { causeOf } from "./cause";
import { copyTree } from "./copy";
import { attachSignature, findSignature } from "./cosign-tag";
import { readImageTree } from "./image-tree";
import type { ImageTree } from "./image-tree";
import type { Place } from "./place";
import type { MirrorPlan, PlannedImage } from "./plan";
import { parseReference } from "./reference";
import type { RegistryClient, SourceOf } from "./registry-client";
import { RegistryError } from "./registry-error";
import type { MirroredImage, MirrorState } from "./state";
import { readMirrored, signedName, verifySignature } from "./verify";

/** What is being done with an image. */
export type MirrorPhase = "copy" | "signatures" | "sign" | "verify" | "done" | "failed";

export interface MirrorProgress {
  /** The image's name. */
  readonly image: string;
  readonly phase: MirrorPhase;
  /** Bytes that are in place at the target, copied or found there. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface ApplyMirrorOptions {
  /** Gives the client of a source's registry. */
  readonly sourceOf: SourceOf;
  readonly target: RegistryClient;
  /** Signs what was copied. @default - nothing is signed */
  readonly key?: SigningKey;
  readonly clock: Clock;
  readonly onProgress?: (progress: MirrorProgress) => void;
  /** Images worked on at once. @default 3 */
  readonly concurrency?: number;
}

export interface MirrorResult {
  readonly state: MirrorState;
  /** Our signature of each image that has one at the target, in the plan's order. */
  readonly signatures: readonly SignatureRecord[];
}

/**
 * Carries out a plan. Each image is copied by digest, byte for byte, with what others attached to it;
 * then it is signed, then it gets its tag, and then it is read again from the target. An image that
 * fails is recorded with its cause, and the rest goes on: ask `failedImages` how it ended.
 */
export async function applyMirror(
  plan: MirrorPlan,
  options: ApplyMirrorOptions,
): Promise<MirrorResult> {
  const results = await mapBounded(plan.images, options.concurrency ?? 3, (image) =>
    new ImageMirror(image, options).run(),
  );
  return {
    state: { version: 1, target: plan.target, images: results.map(({ image }) => image) },
    signatures: results.map(({ signature }) => signature).filter((s) => s !== undefined),
  };
}

/** The way of one image; its fields are what is known so far, for the record of a failure. */
class ImageMirror {
  readonly #image: PlannedImage;
  readonly #options: ApplyMirrorOptions;
  readonly #to: Place;
  #bytesDone = 0;
  #upstream: AccessoryCount = { found: 0, carried: 0 };
  #signature: SignatureRecord | undefined;

  constructor(image: PlannedImage, options: ApplyMirrorOptions) {
    this.#image = image;
    this.#options = options;
    this.#to = { client: options.target, repository: image.repository };
  }

  async run(): Promise<{ image: MirroredImage; signature: SignatureRecord | undefined }> {
    try {
      const outcome = await this.#mirror();
      this.#report("done");
      return { image: this.#record({ verified: true, outcome }), signature: this.#signature };
    } catch (error) {
      this.#report("failed");
      const failure = { verified: false, outcome: "failed", cause: causeOf(error) } as const;
      return { image: this.#record(failure), signature: this.#signature };
    }
  }

  async #mirror(): Promise<"copied" | "present"> {
    const { registry, repository } = parseReference(this.#image.from);
    const from = { client: this.#options.sourceOf(registry), repository };
    const tree = await this.#readSource(from);
    const copied = await this.#copy(tree, from);
    await this.#carrySignatures(tree, from);
    await this.#sign();
    const tagged = await this.#tag(tree);
    await this.#verify();
    return copied || tagged ? "copied" : "present";
  }

  async #readSource({ client, repository }: Place): Promise<ImageTree> {
    this.#report("copy");
    const tree = await readImageTree(client, repository, this.#image.digest);
    if (tree !== undefined) return tree;
    throw new RegistryError("missing", `${this.#image.from} is not at the source`);
  }

  #copy(tree: ImageTree, from: Place): Promise<boolean> {
    return copyTree(tree, from, this.#to, (bytes) => {
      this.#bytesDone += bytes;
      this.#report("copy");
    });
  }

  async #carrySignatures(tree: ImageTree, from: Place): Promise<void> {
    this.#report("signatures");
    const subjects = tree.manifests.map(({ digest }) => digest);
    this.#upstream = await carryAccessories(subjects, from, this.#to);
    const { found, carried } = this.#upstream;
    if (carried === found) return;
    throw new RegistryError("missing", `${carried} of ${found} upstream signatures arrived`);
  }

  /** Signs unless the target has a good signature by this key already. */
  async #sign(): Promise<void> {
    const { key } = this.#options;
    if (key === undefined) return;
    this.#report("sign");
    const subject = { repository: signedName(this.#image), digest: this.#image.digest };
    const present = await findSignature(this.#to, subject, [key.publicKeyPem]);
    const record = present.record ?? signImage(subject, key);
    if (present.record === undefined) await attachSignature(this.#to, record);
    this.#signature = record;
  }

  /** The tag comes last: whoever finds the image by it finds it whole and signed. */
  async #tag({ root }: ImageTree): Promise<boolean> {
    const { client, repository } = this.#to;
    const current = await client.headManifest(repository, this.#image.tag);
    if (current === root.digest) return false;
    await client.putManifest(repository, this.#image.tag, root.mediaType, root.bytes);
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
    ending: Pick<MirroredImage, "verified" | "outcome"> & { readonly cause?: string },
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
