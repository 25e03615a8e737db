import { verifyImageSignature } from "../../signing/image-signature";
import type { SigningKey } from "../../signing/key";
import type { SignatureRecord } from "../../signing/signature";
import type { PlannedImage } from "./plan";
import type { MirroredImage, MirrorState } from "./state";
import { signedName } from "./verify";

/** An image as an earlier run left it, whole and signed. */
export interface WholeImage {
  readonly image: MirroredImage;
  readonly signature: SignatureRecord | undefined;
}

/** What earlier runs wrote of a mirror, in `mirror_state.json` and `atom.signatures.json`. */
export class MirrorRecord {
  /** Every repository at the target that is on record, sorted. */
  readonly repositories: readonly string[];
  readonly #images: ReadonlyMap<string, MirroredImage>;
  readonly #signatures = new Map<string, SignatureRecord[]>();

  /** @param target as the plan names it; what is on record of another one is left out. */
  constructor(
    target: string,
    state: MirrorState | undefined,
    signatures: readonly SignatureRecord[],
  ) {
    const own = state?.target === target ? state : undefined;
    const images = own?.images ?? [];
    const repositories = images.map(({ repository }) => repository);
    this.repositories = [...new Set([...repositories, ...(own?.repositories ?? [])])].sort();
    this.#images = new Map(images.map((image) => [imageKey(image), image]));
    for (const signature of signatures) {
      const place = `${signature.repository}@${signature.digest}`;
      this.#signatures.set(place, [...(this.#signatures.get(place) ?? []), signature]);
    }
  }

  /** What is on record of the image that a plan names, however it ended. */
  find(image: PlannedImage): MirroredImage | undefined {
    return this.#images.get(imageKey(image));
  }

  /**
   * The record of an image that was read whole from the target, with a signature by this key that
   * still verifies.
   *
   * @param key the key that signs. @default - no signature is looked for
   */
  findWhole(image: PlannedImage, key?: SigningKey): WholeImage | undefined {
    const known = this.find(image);
    if (known?.verified !== true) return undefined;
    if (key === undefined) return { image: known, signature: undefined };
    const subject = { repository: signedName(image), digest: image.digest };
    const signature = this.#signatures
      .get(`${subject.repository}@${subject.digest}`)
      ?.find((each) => verifyImageSignature(each, subject, [key.publicKeyPem]).verified);
    return signature === undefined ? undefined : { image: known, signature };
  }
}

function imageKey(image: Pick<MirroredImage, "name" | "source" | "repository" | "digest">): string {
  return JSON.stringify([image.name, image.source, image.repository, image.digest]);
}
